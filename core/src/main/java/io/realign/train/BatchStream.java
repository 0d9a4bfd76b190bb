package io.realign.train;

import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Loader;

/** Epoch after epoch of a loader's batches, from any place on. */
final class BatchStream implements AutoCloseable {

  private final Loader loader;
  private long epoch;
  private Batches batches;

  /** From batch {@code position} on, counted over all epochs. */
  BatchStream(Loader loader, long position) {
    this.loader = loader;
    this.epoch = position / loader.batches();
    this.batches = loader.epoch(epoch, (int) (position % loader.batches()));
  }

  /** The next batch; its tensors belong to the caller's scope. */
  Batch next() {
    if (!batches.hasNext()) {
      batches.close();
      epoch++;
      batches = loader.epoch(epoch);
    }
    return batches.next();
  }

  @Override
  public void close() {
    batches.close();
  }
}

package io.realign.data;

import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The batches of one epoch, in order. Belongs to the thread that reads it; closing it, at any
 * point, stops the threads that decode.
 *
 * <p>The tensor of a batch is made by {@link #next()} and belongs to the scope open there.
 */
public final class Batches implements Iterator<Batch>, AutoCloseable {

  private static final float[] UNIT = new float[256]; // byte to [0,1]

  static {
    for (int i = 0; i < UNIT.length; i++) {
      UNIT[i] = i / 255f;
    }
  }

  /** A batch in Java memory: the workers touch no native memory. */
  @SuppressWarnings("ArrayRecordComponent") // handed from thread to thread, never compared
  private record Decoded(float[] images, List<Annotation> annotations, int[] indices) {}

  private final Dataset dataset;
  private final Loader.Options options;
  private final int[] order;
  private final Seed draws;
  private final int end;
  private final ExecutorService workers;
  private final Queue<Future<Decoded>> pending = new ArrayDeque<>();
  private int submitted;

  Batches(
      Dataset dataset, Loader.Options options, int[] order, Seed draws, int fromBatch, int end) {
    this.dataset = dataset;
    this.options = options;
    this.order = order;
    this.draws = draws;
    this.end = end;
    this.submitted = fromBatch;
    this.workers =
        Executors.newFixedThreadPool(
            options.threads(), Thread.ofPlatform().daemon().name("loader-", 0).factory());
    fill();
  }

  @Override
  public boolean hasNext() {
    return !pending.isEmpty();
  }

  /**
   * The next batch.
   *
   * @throws RuntimeException what the dataset threw, if it could not give an image
   * @throws CancellationException if this thread is interrupted while it waits
   */
  @Override
  public Batch next() {
    Future<Decoded> first = pending.poll();
    if (first == null) {
      throw new NoSuchElementException("no batch is left in this epoch");
    }
    fill();
    Decoded decoded = await(first);
    int n = decoded.indices().length;
    int side = dataset.imageSize();
    return new Batch(
        Ops.floats(decoded.images(), n, 3, side, side), decoded.annotations(), decoded.indices());
  }

  /** Stops the threads; images already asked for are given up. */
  @Override
  public void close() {
    pending.clear();
    workers.shutdownNow();
  }

  private void fill() {
    while (submitted < end && pending.size() < options.ahead()) {
      int batch = submitted++;
      pending.add(workers.submit(() -> decode(batch)));
    }
    if (submitted == end) {
      workers.shutdown(); // what is pending still runs
    }
  }

  private Decoded await(Future<Decoded> batch) {
    try {
      return batch.get();
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a batch");
    } catch (ExecutionException e) {
      close();
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private Decoded decode(int batch) {
    int from = batch * options.batchSize();
    int[] indices =
        Arrays.copyOfRange(order, from, Math.min(order.length, from + options.batchSize()));
    int values = 3 * dataset.imageSize() * dataset.imageSize();
    float[] images = new float[indices.length * values];
    List<Annotation> annotations = new ArrayList<>(indices.length);
    for (int i = 0; i < indices.length; i++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("the loader was closed");
      }
      Augmentation change = options.augmentation();
      Sample before = change.ofOriginals() ? dataset.original(indices[i]) : dataset.get(indices[i]);
      Sample sample = change.apply(before, draws.child((long) from + i));
      byte[] rgb = sample.image().rgb();
      if (rgb.length != values) {
        throw new IllegalStateException(
            "image %d of %s is %d×%d, not %d×%d"
                .formatted(
                    indices[i],
                    dataset.name(),
                    sample.image().width(),
                    sample.image().height(),
                    dataset.imageSize(),
                    dataset.imageSize()));
      }
      for (int k = 0; k < values; k++) {
        images[i * values + k] = UNIT[rgb[k] & 0xff];
      }
      annotations.add(sample.annotation());
    }
    return new Decoded(images, List.copyOf(annotations), indices);
  }
}

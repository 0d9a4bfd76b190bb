package io.realign.serve;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Decodes, resizes and encodes images: platform threads, one a core, so that a large image keeps no
 * virtual thread, and with it the health of the service, from running. Who waits for them holds a
 * place in a {@link Room}: the queue is bounded by that. What runs here waits for nothing, neither
 * a net nor another of these threads: few are enough.
 */
final class Codecs implements AutoCloseable {

  /** What is done with an image of fewer pixels takes less than a millisecond or two. */
  static final long LARGE = 1 << 16;

  private final ExecutorService threads;

  Codecs(int count) {
    threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().name("codec-", 0).daemon().factory());
  }

  /** Runs {@code work} and waits for it; what it throws is thrown here. */
  <T> T run(Callable<T> work) {
    Future<T> running = threads.submit(work);
    try {
      return running.get();
    } catch (InterruptedException e) {
      running.cancel(false);
      Thread.currentThread().interrupt();
      throw new Cancelled();
    } catch (ExecutionException e) {
      throw Cancelled.rethrown(e.getCause());
    }
  }

  /**
   * Does something with an image of so many pixels: as {@link #run}, or on this thread where it is
   * a small one.
   */
  <T> T around(long pixels, Supplier<T> work) {
    return pixels < LARGE ? work.get() : run(work::get);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

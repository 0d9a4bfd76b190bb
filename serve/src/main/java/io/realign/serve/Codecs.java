package io.realign.serve;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Decodes and encodes images: platform threads, one a core, so that a large image keeps no virtual
 * thread, and with it the health of the service, from running. Who waits for them holds a place in
 * a {@link Room}: the queue is bounded by that.
 */
final class Codecs implements AutoCloseable {

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

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

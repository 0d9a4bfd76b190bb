package io.realign.serve;

import io.helidon.webserver.ConnectionContext;

/**
 * Notices that the client of a request goes away while it is worked on, which the HTTP library does
 * not: it reads nothing before it has answered.
 *
 * <p>Here another thread reads, and what comes after the request is lost: the connection must be
 * closed with the answer. Who closes only the sending side of a connection looks like one who is
 * gone.
 */
final class Departure {

  private final Thread watcher;
  private volatile boolean gone;

  /** Watches, from now to the answer, a connection whose request has arrived, body and all. */
  Departure(ConnectionContext connection) {
    watcher =
        Thread.ofVirtual()
            .name("departure")
            .start(
                () -> {
                  try {
                    connection.dataReader().ensureAvailable();
                  } catch (RuntimeException e) { // the end, or the connection broke
                    gone = true;
                  }
                });
  }

  /**
   * Goes on only for somebody.
   *
   * @throws Cancelled if the client is gone, or this thread is interrupted
   */
  void check() {
    if (gone || Thread.currentThread().isInterrupted()) {
      throw new Cancelled();
    }
  }
}

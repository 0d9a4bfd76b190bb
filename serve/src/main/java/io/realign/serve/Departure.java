package io.realign.serve;

import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import org.jspecify.annotations.Nullable;

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

  /** Of a connection whose request has arrived, body and all. */
  private Departure(ConnectionContext connection) {
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

  /** Knows the connection that each thread serves. */
  static final class Connections implements Http1ConnectionListener {

    private final ThreadLocal<@Nullable ConnectionContext> served = new ThreadLocal<>();

    @Override
    public void prologue(ConnectionContext connection, HttpPrologue prologue) {
      served.set(connection);
    }

    /** Watches over the client of this thread's request, from its last byte to the answer. */
    Departure departure() {
      ConnectionContext connection = served.get();
      if (connection == null) {
        throw new IllegalStateException("this thread serves no connection");
      }
      return new Departure(connection);
    }
  }
}

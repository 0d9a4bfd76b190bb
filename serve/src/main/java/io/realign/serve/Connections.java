package io.realign.serve;

import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import org.jspecify.annotations.Nullable;

/** Knows the connection that each thread serves, which the HTTP library tells no handler. */
final class Connections implements Http1ConnectionListener {

  private final ThreadLocal<@Nullable ConnectionContext> served = new ThreadLocal<>();

  @Override
  public void prologue(ConnectionContext connection, HttpPrologue prologue) {
    served.set(connection);
  }

  /** The one that this thread serves. */
  ConnectionContext ofThisThread() {
    ConnectionContext connection = served.get();
    if (connection == null) {
      throw new IllegalStateException("this thread serves no connection");
    }
    return connection;
  }
}

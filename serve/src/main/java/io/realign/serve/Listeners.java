package io.realign.serve;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.util.List;

/** Tells several what a connection brings; of several that the HTTP library has it tells none. */
record Listeners(List<Http1ConnectionListener> all) implements Http1ConnectionListener {

  @Override
  public void prologue(ConnectionContext connection, HttpPrologue prologue) {
    all.forEach(each -> each.prologue(connection, prologue));
  }

  @Override
  public void headers(ConnectionContext connection, Headers headers) {
    all.forEach(each -> each.headers(connection, headers));
  }
}

package io.realign.serve;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;

/** What is answered to what is no HTTP request, before any route is looked for. */
final class Refusal implements DirectHandler {

  private static final int SERVER_ERRORS = 500;

  private Refusal() {}

  /** For every kind of it. */
  static DirectHandlers all() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    Refusal refusal = new Refusal();
    for (EventType type : EventType.values()) {
      handlers.addHandler(type, refusal);
    }
    return handlers.build();
  }

  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    String detail =
        status.code() >= SERVER_ERRORS
            ? "the connection cannot be served"
            : "not a request that is understood: HTTP/1.1 is expected";
    return TransportResponse.builder()
        .status(status)
        .headers(headers)
        .header(HeaderNames.CONTENT_TYPE, Problem.CONTENT_TYPE)
        .entity(Json.bytes(Problem.body(status.code(), status.reasonPhrase(), detail)))
        .build();
  }
}

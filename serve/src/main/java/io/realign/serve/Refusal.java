package io.realign.serve;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;

/**
 * What is answered to what is no HTTP request, before any route is looked for.
 *
 * <p>Some of that, such as a method of control characters, the library takes for an error of its
 * own. What fails in our endpoints they answer themselves, so nothing else comes here as one.
 */
final class Refusal implements DirectHandler {

  private final Metrics metrics;

  private Refusal(Metrics metrics) {
    this.metrics = metrics;
  }

  /** For every kind of it. */
  static DirectHandlers all(Metrics metrics) {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    Refusal refusal = new Refusal(metrics);
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
    Status told = type == EventType.INTERNAL_ERROR ? Status.BAD_REQUEST_400 : status;
    String detail =
        told.family() == Status.Family.SERVER_ERROR
            ? "the connection cannot be served"
            : "not a request that is understood: HTTP/1.1 is expected";
    metrics.refused(request.method(), told.code());
    return TransportResponse.builder()
        .status(told)
        .headers(headers)
        .header(HeaderNames.CONTENT_TYPE, Problem.CONTENT_TYPE)
        .entity(Json.bytes(Problem.body(told.code(), told.reasonPhrase(), detail)))
        .build();
  }
}

package io.realign.serve;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Between the HTTP library and the endpoints: who may come in, what is answered to what goes wrong,
 * and how connections end.
 */
final class Front {

  private final House house;
  private final Optional<BearerToken> token;
  private final CrossSite crossSite;
  private final BooleanSupplier draining;
  private final Consumer<Throwable> log;
  private final LeftOver leftOver;
  private final AtomicInteger inside = new AtomicInteger();

  /**
   * For a house.
   *
   * @param local whether it listens on this machine alone
   * @param draining whether nobody new is let in
   * @param log takes what should not have happened
   */
  Front(House house, boolean local, BooleanSupplier draining, Consumer<Throwable> log) {
    this.house = house;
    this.token = house.config().token().map(BearerToken::new);
    this.crossSite = new CrossSite(house.config().host(), local && token.isEmpty());
    this.draining = draining;
    this.log = log;
    this.leftOver = new LeftOver(house.deadlines(), house.connections());
  }

  /** Requests that are being served. */
  int inside() {
    return inside.get();
  }

  /** Serves the routes, and answers to everything else. */
  void serve(List<Route> routes, HttpRouting.Builder http) {
    Map<String, Set<String>> methods = new LinkedHashMap<>();
    for (Route route : routes) {
      Handler handler = closing((request, response) -> handle(route, request, response));
      Set<String> served = methods.computeIfAbsent(route.path(), path -> new TreeSet<>());
      served.add(route.method().name());
      http.route(Method.create(route.method().name()), route.path(), handler);
      if (route.method() == Route.Method.GET) {
        served.add(Method.HEAD.text());
        http.route(Method.HEAD, route.path(), handler);
      }
    }
    methods.forEach(
        (path, served) ->
            http.any(
                path,
                closing(
                    (request, response) ->
                        respond(
                            path,
                            request,
                            response,
                            notServed(request, served),
                            System.nanoTime()))));
    http.any(
        closing(
            (request, response) ->
                respond(
                    Metrics.NO_ROUTE,
                    request,
                    response,
                    Answer.of(
                        Problem.of(
                            HttpStatus.NOT_FOUND,
                            "nothing is served at this path; /openapi.yaml says what is where")),
                    System.nanoTime())));
  }

  /** Whatever fails ends the connection: the library would read the whole body, and answer. */
  private Handler closing(Handler handler) {
    return (request, response) -> {
      try {
        handler.handle(request, response);
      } catch (CloseConnectionException e) {
        throw e;
      } catch (Exception | Error e) {
        log.accept(e);
        throw new CloseConnectionException("the answer failed", e);
      }
    };
  }

  private static Answer notServed(ServerRequest request, Set<String> served) {
    String allowed = String.join(", ", served);
    return Answer.of(
            Problem.of(
                HttpStatus.METHOD_NOT_ALLOWED,
                "%s is not served here, only %s"
                    .formatted(request.prologue().method().text(), allowed)))
        .with("Allow", allowed);
  }

  private void handle(Route route, ServerRequest request, ServerResponse response) {
    long start = System.nanoTime();
    inside.incrementAndGet();
    try (Exchange exchange = new Exchange(request, house)) {
      respond(route.path(), request, response, exchange.made(answer(route, exchange)), start);
    } finally {
      inside.decrementAndGet();
    }
  }

  private Answer answer(Route route, Exchange exchange) {
    try {
      admit(route, exchange);
      return route.endpoint().answer(exchange);
    } catch (Problem problem) {
      return Answer.of(problem);
    } catch (Cancelled | CloseConnectionException gone) {
      throw new CloseConnectionException("the client is gone", gone);
    } catch (OutOfMemoryError e) {
      log.accept(e);
      return Answer.of(Problem.overloaded("not enough memory for this request now", 1));
    } catch (RuntimeException | Error e) {
      log.accept(e);
      return Answer.of(
          Problem.of(HttpStatus.INTERNAL_ERROR, "the request failed; the service's log says why"));
    }
  }

  private void admit(Route route, Exchange exchange) {
    if (route.secret()) {
      crossSite.check(route.method(), exchange);
    }
    if (route.secret()
        && token.isPresent()
        && !token.get().isIn(exchange.header("authorization"))) {
      throw Problem.of(
          HttpStatus.UNAUTHORIZED, "the token is missing or wrong: Authorization: Bearer TOKEN");
    }
    if (route.method() == Route.Method.POST && draining.getAsBoolean()) {
      throw Problem.overloaded("the service is shutting down", 1);
    }
  }

  /**
   * Answers. The library counts a connection's idle time from the start of its last request, and
   * closes it while the next one may be on its way; where not half of that time is left, the answer
   * says that it was the last one.
   */
  private void respond(
      String route, ServerRequest request, ServerResponse response, Answer answer, long start) {
    boolean whole = !hasBody(request) || !isChunked(request) && request.content().consumed();
    boolean last =
        !whole
            || answer.isLast()
            || draining.getAsBoolean()
            || 2 * (System.nanoTime() - start) >= house.limits().requestTime().toNanos()
            || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
    write(request, response, answer, last);
    house
        .metrics()
        .answered(
            request.prologue().method().text(),
            route,
            answer.status().code(),
            (System.nanoTime() - start) / 1e9);
    if (last) {
      if (!whole) {
        passOver(request);
      }
      throw new CloseConnectionException("answered for the last time");
    }
  }

  private static boolean hasBody(ServerRequest request) {
    return request.headers().contentLength().orElse(0) > 0 || isChunked(request);
  }

  private static boolean isChunked(ServerRequest request) {
    return request.headers().contains(HeaderNames.TRANSFER_ENCODING);
  }

  private void write(ServerRequest request, ServerResponse response, Answer answer, boolean last) {
    response.status(Status.create(answer.status().code(), answer.status().title()));
    response.header("Content-Type", answer.contentType());
    response.header("X-Content-Type-Options", "nosniff");
    response.header("Cache-Control", "no-store");
    answer.headers().forEach(response::header);
    if (answer.status() == HttpStatus.UNAUTHORIZED) {
      response.header("WWW-Authenticate", "Bearer");
    }
    if (last) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    house.deadlines().answering();
    try {
      if (request.prologue().method().equals(Method.HEAD)) {
        response.contentLength(answer.body().length);
        response.send(new byte[0]);
      } else {
        response.send(answer.body());
      }
    } finally {
      house.deadlines().answered();
    }
  }

  private void passOver(ServerRequest request) {
    if (request.headers().containsToken(HeaderValues.EXPECT_100) && !request.continueSent()) {
      return; // it waits for us, and sends nothing
    }
    leftOver.passOver(
        isChunked(request) ? OptionalLong.empty() : request.headers().contentLength());
  }
}

package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Talks to a service over sockets, and holds each answer against the description of the service:
 * what is answered must be documented.
 */
final class Client {

  private static final JsonNode DESCRIPTION =
      new OpenApi(Limits.standard().batchImages(), true).tree();
  private static final int PATIENCE_MILLIS = 20_000;

  private final URI base;

  Client(Service service) {
    base = URI.create(service.url());
  }

  /** An answer. */
  @SuppressWarnings("ArrayRecordComponent")
  record Reply(int status, String type, Optional<String> retryAfter, String policy, byte[] body) {

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    JsonNode json() {
      try {
        return Json.tree(body);
      } catch (IOException e) {
        throw new AssertionError(text(), e);
      }
    }

    /** Checks that it refuses with one clear line, and gives that. */
    String refusal(int expected) {
      assertThat(status).as(text()).isEqualTo(expected);
      assertThat(type).isEqualTo(Problem.CONTENT_TYPE);
      assertThat(json().path("status").asInt()).isEqualTo(expected);
      String detail = json().path("detail").asText();
      assertThat(detail).isNotBlank().doesNotContain("\n", "Exception", "io.realign");
      return detail;
    }
  }

  Reply get(String path, String... headers) {
    return send("GET", path, HttpRequest.BodyPublishers.noBody(), headers);
  }

  Reply post(String path, byte[] body, String... headers) {
    return send("POST", path, HttpRequest.BodyPublishers.ofByteArray(body), headers);
  }

  Reply postJson(String path, String json) {
    return post(path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
  }

  /** As {@link #get}, where the service was started without what the description has there. */
  Reply getUnchecked(String path) {
    return exchange("GET", path, HttpRequest.BodyPublishers.noBody());
  }

  Reply send(String method, String path, HttpRequest.BodyPublisher body, String... headers) {
    Reply reply = exchange(method, path, body, headers);
    assertDocumented(method, path, reply);
    return reply;
  }

  private Reply exchange(
      String method, String path, HttpRequest.BodyPublisher body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .method(method, body)
            .timeout(Duration.ofMillis(PATIENCE_MILLIS));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response;
    try (HttpClient http = newClient()) {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new AssertionError(method + " " + path + " got no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return new Reply(
        response.statusCode(),
        response.headers().firstValue("Content-Type").orElse(""),
        response.headers().firstValue("Retry-After"),
        response.headers().firstValue("Content-Security-Policy").orElse(""),
        response.body());
  }

  /**
   * One a request: a service with short limits may close a connection that was kept in the moment
   * it is used again, which is no answer either.
   */
  private static HttpClient newClient() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  private static void assertDocumented(String method, String path, Reply reply) {
    String bare = path.replaceFirst("\\?.*", "");
    DESCRIPTION
        .path("paths")
        .properties()
        .forEach(
            each -> {
              JsonNode operation = each.getValue().path(method.toLowerCase(Locale.ROOT));
              String pattern = each.getKey().replace("{model}", "[^/]+").replace(".", "\\.");
              if (bare.matches(pattern) && !operation.isMissingNode()) {
                JsonNode response = operation.path("responses").path("" + reply.status());
                assertThat(response.isMissingNode())
                    .as("%s %s answers %d, undocumented", method, each.getKey(), reply.status())
                    .isFalse();
                JsonNode content = resolved(response).path("content");
                assertThat(content.fieldNames())
                    .toIterable()
                    .as("content of %s %s, %d", method, each.getKey(), reply.status())
                    .contains(reply.type().replaceFirst(";.*", ""));
              }
            });
  }

  private static JsonNode resolved(JsonNode node) {
    String reference = node.path("$ref").asText();
    return reference.isEmpty() ? node : DESCRIPTION.at(reference.substring(1));
  }

  /** A connection for what no HTTP client would send. */
  Socket connect() throws IOException {
    Socket socket = new Socket(base.getHost(), base.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** Sends bytes as they are. */
  static void write(Socket socket, String head, byte[] body) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(body);
    out.flush();
  }

  /** The value of a gauge without labels. */
  double gauge(String name) {
    return get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no gauge " + name));
  }

  /** Waits for a gauge to have a value; whoever calls has a time limit. */
  void await(String gauge, double value) throws InterruptedException {
    while (gauge(gauge) != value) {
      Thread.sleep(10);
    }
  }

  /** Everything until the other side closes. */
  static String readAll(Socket socket) throws IOException {
    try (InputStream in = socket.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}

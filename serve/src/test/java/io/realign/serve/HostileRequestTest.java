package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies, parameters, methods and paths of those who do not know better. */
@Timeout(120)
final class HostileRequestTest {

  private static final String BATCH = "/v1/models/defense-alone/batch/purify";

  @RegisterExtension static final SmallService SERVICE = new SmallService();

  private static final Client CLIENT = SERVICE.client();

  @Test
  void oversizedBodiesAreRefusedBeforeTheyAreRead() throws IOException {
    assertThat(CLIENT.post(SmallService.PURIFY, new byte[SmallService.BODY + 1]).refusal(413))
        .contains("1048577 bytes, more than the 1048576 allowed");
    try (Socket socket = CLIENT.connect()) {
      Client.write(
          socket,
          "POST %s HTTP/1.1\nHost: localhost\nContent-Length: 99999999999\n\n"
              .formatted(SmallService.PURIFY),
          new byte[9]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 413 ").contains("more than");
    }
  }

  @Test
  void bodiesWithoutALengthAreRefused() throws IOException {
    HttpRequest.BodyPublisher chunks =
        HttpRequest.BodyPublishers.fromPublisher(
            HttpRequest.BodyPublishers.ofByteArray(SmallService.image()));
    CLIENT.send("POST", SmallService.PURIFY, chunks).refusal(411);
    assertThat(CLIENT.post(SmallService.PURIFY, new byte[0]).refusal(400))
        .isEqualTo("the body is empty");
  }

  @Test
  void encodedBodiesAreToldToComeAsTheyAre() {
    byte[] image = SmallService.image();
    assertThat(CLIENT.post(SmallService.PURIFY, image, "Content-Encoding", "gzip").refusal(415))
        .isEqualTo("send the body as it is, not with Content-Encoding: gzip");
    assertThat(CLIENT.post(SmallService.PURIFY, image, "Content-Encoding", "identity").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"images\": 3}",
        "{\"images\": [{}]}",
        "{\"images\": [\"not base64!\"]}",
        "{\"images\": [\"aaaa\"], \"other\": 1}",
        "{\"images\": [\"aaaa\"], \"images\": []}",
        "{\"images\": [\"aaaa\"]} trailing",
        "{\"images\": [], \"defended\": true}",
        "\u0000\u0001"
      })
  void malformedJsonIsRefusedInOneLine(String json) {
    CLIENT.postJson(BATCH, json).refusal(400);
  }

  @Test
  void aFileThatIsNoBase64IsNamedByItsPlace() {
    assertThat(CLIENT.postJson(BATCH, "{\"images\": [\"aaaa\", \"a!b\"]}").refusal(400))
        .endsWith("'images[1]' is no base64");
  }

  @Test
  void jsonThatIsNotUtf8IsRefused() {
    byte[] utf32 = "{\"images\": [\"aaaa\"]}".getBytes(Charset.forName("UTF-32BE"));
    utf32[5] = 0x7f; // a code that no character has
    assertThat(CLIENT.post(BATCH, utf32, "Content-Type", "application/json").refusal(400))
        .isEqualTo("the body is not JSON in UTF-8");
  }

  @Test
  void deepJsonAndManyImagesAreRefused() {
    CLIENT.postJson(BATCH, "[".repeat(SmallService.BODY / 2)).refusal(400);
    CLIENT.postJson(BATCH, "{\"images\": [\"\", \"\", \"\", \"\", \"\"]}").refusal(413);
    CLIENT.post(BATCH, SmallService.image(), "Content-Type", "image/png").refusal(415);
  }

  @ParameterizedTest
  @CsvSource({
    "?format=gif, format is same or png",
    "?quality=0, 1 to 100",
    "?quality=x, 1 to 100",
    "?qualty=9, unknown parameter 'qualty'",
    "?format=png&format=png, twice"
  })
  void parametersThatMeanNothingAreRefused(String query, String why) {
    assertThat(CLIENT.post(SmallService.PURIFY + query, SmallService.image()).refusal(400))
        .contains(why);
  }

  @ParameterizedTest
  @CsvSource({
    "DELETE, /v1/models/defense-alone/purify, POST",
    "GET, /v1/models/defense-alone/purify, POST",
    "POST, /v1/models, 'GET, HEAD'",
    "PUT, /metrics, 'GET, HEAD'",
    "PATCH, /health/live, 'GET, HEAD'"
  })
  void wrongMethodsAreToldTheRightOnes(String method, String path, String allowed)
      throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(
          socket,
          "%s %s HTTP/1.1\nHost: localhost\nConnection: close\n\n".formatted(method, path),
          new byte[0]);
      assertThat(Client.readAll(socket))
          .startsWith("HTTP/1.1 405 ")
          .contains("\r\nAllow: " + allowed + "\r\n", "application/problem+json");
    }
  }

  @Test
  void madeUpMethodsAndPathsLeaveNoTraceInTheMetrics() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(
          socket, "MADEUP /made/up HTTP/1.1\nHost: localhost\nConnection: close\n\n", new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 404 ");
    }
    assertThat(CLIENT.get("/metrics").text())
        .doesNotContain("MADEUP", "/made/up")
        .contains("realign_requests_total{method=\"other\",route=\"none\",status=\"404\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v1/models/defense-alone/other", "/etc/passwd", "/%2e%2e/x"})
  void otherPathsAreNotFound(String path) {
    CLIENT.get(path).refusal(404);
  }

  @Test
  void headIsGetWithoutABody() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(
          socket,
          "HEAD /openapi.json HTTP/1.1\nHost: localhost\nConnection: close\n\n",
          new byte[0]);
      String answer = Client.readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
      assertThat(answer).containsPattern("Content-Length: [1-9]\\d{3}");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\n\n",
        "G\u0001T /health/live HTTP/1.1\nHost: localhost\n\n",
        "G(T /health/live HTTP/1.1\nHost: localhost\n\n",
        "GET / HTTP/7.0\n\n",
        "GET /\u0001 HTTP/1.1\nHost: localhost\n\n",
        "GET /health/live HTTP/1.1\nHost: localhost\nContent-Length: -4\n\n",
        "POST /v1/models/defense-alone/purify HTTP/1.1\nHost: localhost\nContent-Length: 4\nTransfer-Encoding: chunked\n\n"
      })
  void whatIsNoRequestIsRefused(String head) throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, head, new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 400 ").contains("\"detail\":");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/7.0\\n\\n, GET, 400",
    "HEAD / HTTP/1.0\\n\\n, HEAD, 505",
    "nonsense\\n\\n, other, 400"
  })
  void whatIsNoRequestIsCounted(String head, String method, int status) throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, head.replace("\\n", "\n"), new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 " + status);
    }
    assertThat(CLIENT.get("/metrics").text())
        .contains(
            "realign_requests_total{method=\"%s\",route=\"none\",status=\"%d\"}"
                .formatted(method, status));
  }

  @Test
  void headersWithoutEndAreRefused() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      String filler = "X-Filler: %s\n".formatted("x".repeat(1000)).repeat(30);
      Client.write(socket, "GET /health/live HTTP/1.1\nHost: localhost\n" + filler, new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 4");
    }
  }
}

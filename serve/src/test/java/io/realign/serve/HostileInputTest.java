package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.SmallGenerators;
import io.realign.io.ImageDecoder;
import io.realign.io.Images;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service answers to those who do not mean well, or do not know better, over sockets. */
@Timeout(120)
final class HostileInputTest {

  private static final String PURIFY = "/v1/models/defense-alone/purify";
  private static final String BATCH = "/v1/models/defense-alone/batch/purify";
  private static final int BODY = 1 << 20;
  private static final int PIXELS = 1_000_000;
  private static final Duration SLOW = Duration.ofMillis(600);

  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();
  private static final Service SERVICE =
      Service.start(
          new ServiceConfig(
              "127.0.0.1",
              0,
              Optional.empty(),
              new Limits(BODY, PIXELS, 16, 4, 64, SLOW, SLOW, 5),
              Batching.standard(1),
              false),
          List.of(TestModels.defenseAlone()),
          FAILURES::add);
  private static final Client CLIENT = new Client(SERVICE);

  @AfterAll
  static void nothingFailedUnseenAndNothingIsHeld() {
    String metrics = CLIENT.get("/metrics").text();
    assertThat(metrics).contains("realign_images 0.0", "realign_memory_bytes 0.0");
    SERVICE.close();
    assertThat(FAILURES).isEmpty();
  }

  private static byte[] good() {
    return Images.pngBytes(TestModels.noise(32, 32, 1));
  }

  private static byte[] fixture(String name) throws IOException {
    try (InputStream in = SmallGenerators.class.getResourceAsStream("/io/images/" + name)) {
      return in.readAllBytes();
    }
  }

  private static String request(String method, String path, int length) {
    return "%s %s HTTP/1.1\nHost: x\nContent-Length: %d\n\n".formatted(method, path, length);
  }

  // --- images -----------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "truncated.png, 422, damaged",
    "truncated.jpg, 422, damaged",
    "empty_width.png, 422, width or height of 0",
    "animated.gif, 422, animation",
    "animated.png, 422, animation",
    "animated.webp, 422, animation",
    "pages.tif, 422, several pages"
  })
  void imagesThatCannotBeRepairedAreRefused(String name, int status, String why)
      throws IOException {
    assertThat(CLIENT.post(PURIFY, fixture(name)).refusal(status)).contains(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rgb16.png", "grey16.png", "cmyk.jpg", "grey1.png", "palette.png", "rgba.webp"})
  void unusualImagesAreServed(String name) throws IOException {
    Client.Reply reply = CLIENT.post(PURIFY, fixture(name));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    ImageDecoder.Header was = ImageDecoder.headerOfAnySize(fixture(name), name);
    ImageDecoder.Header is = ImageDecoder.headerOfAnySize(reply.body(), name);
    assertThat(is.width()).isEqualTo(was.width());
    assertThat(is.height()).isEqualTo(was.height());
  }

  @Test
  void contentDecidesWhateverTheImageIsSaidToBe() throws IOException {
    Client.Reply jpeg = CLIENT.post(PURIFY, fixture("rgb.jpg"), "Content-Type", "image/png");
    assertThat(jpeg.type()).isEqualTo("image/jpeg");
    byte[] text = "<html>".getBytes(StandardCharsets.US_ASCII);
    assertThat(CLIENT.post(PURIFY, text, "Content-Type", "image/png").refusal(415))
        .contains("not an image");
  }

  /** A PNG of one value, of any size, in some kB. */
  private static byte[] bomb(int side) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeInt(side);
    fields.writeInt(side);
    fields.write(new byte[] {1, 0, 0, 0, 0}); // a bit a pixel, grey
    chunk(out, "IHDR", header.toByteArray());
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflated =
        new DeflaterOutputStream(pixels, new Deflater(Deflater.BEST_SPEED))) {
      byte[] row = new byte[1 + (side + 7) / 8];
      for (int y = 0; y < side; y++) {
        deflated.write(row);
      }
    }
    chunk(out, "IDAT", pixels.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String name, byte[] data) throws IOException {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(type);
    sum.update(data);
    out.writeInt(data.length);
    out.write(type);
    out.write(data);
    out.writeInt((int) sum.getValue());
  }

  @Test
  void bombsAreRefusedFromTheirHeader() throws IOException {
    byte[] bomb = bomb(20_000);
    assertThat(bomb.length).isLessThan(BODY);
    long start = System.nanoTime();
    assertThat(CLIENT.post(PURIFY, bomb).refusal(413))
        .isEqualTo("the body: an image of 20000×20000 pixels, more than the 1000000 allowed");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void garbageBehindAnySignatureIsRefused() {
    List<String> signatures =
        List.of(
            "\u0089PNG\r\n\u001a\n", "\u00ff\u00d8\u00ff", "GIF89a", "II*\0", "BM", "RIFFxxxxWEBP");
    for (String signature : signatures) {
      byte[] file = Arrays.copyOf(signature.getBytes(StandardCharsets.ISO_8859_1), 300);
      for (int i = signature.length(); i < file.length; i++) {
        file[i] = (byte) (37 * i);
      }
      Client.Reply reply = CLIENT.post(PURIFY, file);
      assertThat(reply.status()).as(signature).isIn(413, 415, 422);
      reply.refusal(reply.status());
    }
  }

  // --- bodies -----------------------------------------------------------------------------------

  @Test
  void oversizedBodiesAreRefusedBeforeTheyAreRead() throws IOException {
    assertThat(CLIENT.post(PURIFY, new byte[BODY + 1]).refusal(413))
        .contains("1048577 bytes, more than the 1048576 allowed");
    try (Socket socket = CLIENT.connect()) {
      Client.write(
          socket,
          "POST %s HTTP/1.1\nHost: x\nContent-Length: 99999999999\n\n".formatted(PURIFY),
          new byte[9]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 413 ").contains("more than");
    }
  }

  @Test
  void bodiesWithoutALengthAreRefused() throws IOException {
    HttpRequest.BodyPublisher chunks =
        HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArray(good()));
    CLIENT.send("POST", PURIFY, chunks).refusal(411);
    assertThat(CLIENT.post(PURIFY, new byte[0]).refusal(400)).isEqualTo("the body is empty");
    try (Socket socket = CLIENT.connect()) { // a chunk of 2 GiB
      Client.write(
          socket,
          "POST %s HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n7fffffff\n".formatted(PURIFY),
          new byte[9]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 411 ");
    }
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
  void jsonThatIsNotUtf8IsRefused() {
    byte[] utf32 = "{\"images\": [\"aaaa\"]}".getBytes(Charset.forName("UTF-32BE"));
    utf32[5] = 0x7f; // a code that no character has
    assertThat(CLIENT.post(BATCH, utf32, "Content-Type", "application/json").refusal(400))
        .isEqualTo("the body is not JSON in UTF-8");
  }

  @Test
  void deepJsonAndManyImagesAreRefused() {
    CLIENT.postJson(BATCH, "[".repeat(BODY / 2)).refusal(400);
    CLIENT.postJson(BATCH, "{\"images\": [\"\", \"\", \"\", \"\", \"\"]}").refusal(413);
    CLIENT.post(BATCH, good(), "Content-Type", "image/png").refusal(415);
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
    assertThat(CLIENT.post(PURIFY + query, good()).refusal(400)).contains(why);
  }

  // --- methods and paths ------------------------------------------------------------------------

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
          "%s %s HTTP/1.1\nHost: x\nConnection: close\n\n".formatted(method, path),
          new byte[0]);
      assertThat(Client.readAll(socket))
          .startsWith("HTTP/1.1 405 ")
          .contains("\r\nAllow: " + allowed + "\r\n", "application/problem+json");
    }
  }

  @Test
  void madeUpMethodsAndPathsLeaveNoTraceInTheMetrics() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, "MADEUP /made/up HTTP/1.1\nHost: x\nConnection: close\n\n", new byte[0]);
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
          socket, "HEAD /openapi.json HTTP/1.1\nHost: x\nConnection: close\n\n", new byte[0]);
      String answer = Client.readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
      assertThat(answer).containsPattern("Content-Length: [1-9]\\d{3}");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\n\n",
        "G\u0001T /health/live HTTP/1.1\nHost: x\n\n",
        "G(T /health/live HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/7.0\n\n",
        "GET /\u0001 HTTP/1.1\nHost: x\n\n",
        "GET /health/live HTTP/1.1\nHost: x\nContent-Length: -4\n\n",
        "POST /v1/models/defense-alone/purify HTTP/1.1\nHost: x\nContent-Length: 4\nTransfer-Encoding: chunked\n\n"
      })
  void whatIsNoRequestIsRefused(String head) throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, head, new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 400 ").contains("\"detail\":");
    }
  }

  @Test
  void headersWithoutEndAreRefused() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      String filler = "X-Filler: %s\n".formatted("x".repeat(1000)).repeat(30);
      Client.write(socket, "GET /health/live HTTP/1.1\nHost: x\n" + filler, new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 4");
    }
  }

  // --- connections ------------------------------------------------------------------------------

  @Test
  void slowBodiesAreToldSoAndCutOff() throws IOException, InterruptedException {
    try (Socket socket = CLIENT.connect()) {
      long start = System.nanoTime();
      Client.write(socket, request("POST", PURIFY, 1000), new byte[0]);
      for (int i = 0; i < 4; i++) { // it does come on, but never ends
        Client.write(socket, "", new byte[1]);
        Thread.sleep(50);
      }
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 408 ").contains("within 600 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(SLOW.minusMillis(50), SLOW.plusSeconds(5));
    }
  }

  @Test
  void slowHeadersAreToldSoAndCutOff() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, "GET /health/live HTTP/1.1\nHost: x\n", new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 408 ");
    }
  }

  @Test
  void connectionsThatSayNothingAreCutOff() throws IOException {
    try (Socket silent = CLIENT.connect();
        Socket hesitant = CLIENT.connect()) {
      Client.write(hesitant, "GET /hea", new byte[0]);
      assertThat(Client.readAll(silent)).isEmpty();
      assertThat(Client.readAll(hesitant)).isEmpty();
    }
  }

  @Test
  void halfClosedConnectionsAreServed() throws IOException {
    byte[] image = good();
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, request("POST", PURIFY, image.length), image);
      socket.shutdownOutput();
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 200 ").contains("image/png");
    }
  }

  @Test
  void bodiesThatEndEarlyAreRefused() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, request("POST", PURIFY, good().length + 1), good());
      socket.shutdownOutput();
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 400 ").contains("body ended");
    }
  }

  @Test
  void thoseWhoLeaveEarlyHoldNothing() throws IOException, InterruptedException {
    byte[] image = Images.pngBytes(TestModels.noise(500, 500, 1));
    for (int i = 0; i < 8; i++) {
      try (Socket socket = CLIENT.connect()) {
        Client.write(socket, request("POST", PURIFY, image.length), image);
      }
    }
    while (!CLIENT.get("/metrics").text().contains("realign_images 0.0")) {
      Thread.sleep(10);
    }
    assertThat(CLIENT.post(PURIFY, good()).status()).isEqualTo(200);
  }

  @Test
  void aRefusedBodyIsNotTakenForTheNextRequest() throws IOException {
    byte[] smuggled = "GET /health/live HTTP/1.1\nHost: x\n\n".getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, request("POST", "/nowhere", smuggled.length), smuggled);
      String answer = Client.readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 404 ").doesNotContain("HTTP/1.1 200");
    }
  }
}

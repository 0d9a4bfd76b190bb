package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.realign.align.PixelPurifier;
import io.realign.data.Framing;
import io.realign.data.Labelling;
import io.realign.evaluate.Prediction;
import io.realign.io.ImageDecoder;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Picture;
import io.realign.io.Pixels;
import io.realign.task.DetectedBox;
import io.realign.task.Finding;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service answers to those who mean well, over sockets. */
final class ServiceTest {

  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();
  private static final List<ServedModel> MODELS =
      List.of(
          TestModels.classifier(),
          TestModels.segmenter(),
          TestModels.detector(),
          TestModels.targetAlone(),
          TestModels.defenseAlone());

  private static Service service = start(config(Optional.empty(), Limits.standard()));
  private static Client client = new Client(service);

  private static ServiceConfig config(Optional<String> token, Limits limits) {
    return new ServiceConfig("127.0.0.1", 0, token, limits, Batching.standard(2), false);
  }

  private static Service start(ServiceConfig config) {
    return Service.start(config, MODELS, FAILURES::add);
  }

  @BeforeAll
  static void isReady() {
    assertThat(client.get("/health/ready").status()).isEqualTo(200);
    assertThat(client.get("/health/live").status()).isEqualTo(200);
  }

  @AfterAll
  static void nothingFailedUnseen() {
    service.close();
    assertThat(FAILURES).isEmpty();
  }

  private static byte[] png(int height, int width, int seed) {
    return Images.pngBytes(TestModels.noise(height, width, seed));
  }

  private static Picture picture(byte[] file) {
    return ImageDecoder.standard().picture(file, "answer");
  }

  /** No value differs by more than a rounding: what shares a pass may round otherwise. */
  private static void assertNear(Pixels image, Pixels expected) {
    assertThat(image.width()).isEqualTo(expected.width());
    assertThat(image.height()).isEqualTo(expected.height());
    for (int i = 0; i < image.rgb().length; i++) {
      assertThat(image.rgb()[i] & 255).isCloseTo(expected.rgb()[i] & 255, within(1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 32, 100, 600})
  void repairsImagesOfAnySizeAsPurifyDoes(int width) {
    Pixels image = TestModels.noise(40, width, width);
    Client.Reply reply = client.post("/v1/models/classifier/purify", Images.pngBytes(image));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(reply.type()).isEqualTo("image/png");
    Pixels repaired = picture(reply.body()).upright();
    assertNear(repaired, new PixelPurifier(TestModels.defense(), Compute.CPU).purify(image));
    assertThat(repaired.rgb()).isNotEqualTo(image.rgb());
  }

  @Test
  void connectionsAreKeptUntilAnAnswerSaysOtherwise() throws IOException {
    String kept = "GET /health/live HTTP/1.1\nHost: localhost\n\n";
    String last = "GET /health/live HTTP/1.1\nHost: localhost\nConnection: close\n\n";
    try (Socket socket = client.connect()) {
      Client.write(socket, kept + last, new byte[0]);
      String answers = Client.readAll(socket);
      int second = answers.indexOf("HTTP/1.1 200 ", 1);
      assertThat(second).isPositive();
      assertThat(answers.substring(0, second)).doesNotContainIgnoringCase("connection: close");
      assertThat(answers.substring(second)).containsIgnoringCase("connection: close");
    }
  }

  @Test
  void keepsFormatAndOrientationUnlessAskedForPng() {
    byte[] none = new byte[0];
    Picture turned =
        new Picture(
            ImageFormat.JPEG, TestModels.noise(20, 24, 7), none, false, 8, 6, none, none, false);
    byte[] jpeg = new ImageEncoder(95).encode(turned, ImageFormat.JPEG);
    Client.Reply same = client.post("/v1/models/defense-alone/purify?quality=90", jpeg);
    assertThat(same.type()).isEqualTo("image/jpeg");
    assertThat(picture(same.body()).orientation()).isEqualTo(6);
    assertThat(picture(same.body()).stored().width()).isEqualTo(24);
    Client.Reply png = client.post("/v1/models/defense-alone/purify?format=png", jpeg);
    assertThat(png.type()).isEqualTo("image/png");
    assertThat(picture(png.body()).stored().width()).isEqualTo(20);
  }

  private static Prediction direct(ServedModel model, boolean defended, Pixels square) {
    try (Scope scope = Scope.open()) {
      return new Predict(model, defended).apply(List.of(square)).getFirst();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tellsTheLikeliestClassesOfTheSquareInTheMiddle(boolean defended) {
    Pixels image = TestModels.noise(50, 80, 3);
    JsonNode told =
        client
            .post("/v1/models/classifier/predict?defended=" + defended, Images.pngBytes(image))
            .json();
    Pixels square = Framing.of(image, Labelling.CLASSES, 32).square();
    Prediction expected = direct(MODELS.get(0), defended, square);
    assertThat(told.path("defended").asBoolean()).isEqualTo(defended);
    assertThat(told.path("classes")).hasSize(5);
    JsonNode first = told.path("classes").path(0);
    assertThat(first.path("label").asInt())
        .isEqualTo(((Finding.OneClass) expected.finding()).label());
    assertThat(first.path("score").asDouble()).isCloseTo(expected.confidence(), within(1e-4));
    assertThat(told.path("confidence").asDouble()).isCloseTo(expected.confidence(), within(1e-4));
    assertThat(first.path("name").asText()).startsWith("class ");
  }

  @Test
  void givesMasksInTheSizeOfTheImage() {
    Pixels image = TestModels.noise(60, 200, 4);
    JsonNode told =
        client.post("/v1/models/segmenter/predict?defended=false", Images.pngBytes(image)).json();
    Framing framing = Framing.of(image, Labelling.MASKS, 128);
    Prediction expected = direct(MODELS.get(1), false, framing.square());
    byte[] mask = framing.unframed(((Finding.Regions) expected.finding()).mask()).values();
    Picture drawn = picture(Base64.getDecoder().decode(told.path("mask").asText()));
    assertThat(drawn.grey()).isTrue();
    assertThat(drawn.stored().width()).isEqualTo(200);
    assertThat(drawn.stored().height()).isEqualTo(60);
    int differing = 0;
    int counted = 0;
    for (int i = 0; i < mask.length; i++) {
      differing += mask[i] == drawn.stored().rgb()[i] ? 0 : 1;
    }
    for (JsonNode region : told.path("regions")) {
      counted += region.path("pixels").asInt();
    }
    assertThat(differing).isLessThan(mask.length / 100);
    assertThat(counted).isEqualTo(60 * 200);
  }

  @Test
  void givesBoxesInPixelsOfTheImage() {
    Pixels image = TestModels.noise(100, 300, 5);
    JsonNode told =
        client
            .post("/v1/models/detector/predict?defended=false&score=0.01", Images.pngBytes(image))
            .json();
    Framing framing = Framing.of(image, Labelling.BOXES, 64);
    Prediction expected = direct(MODELS.get(2), false, framing.square());
    List<DetectedBox> boxes =
        ((Finding.Objects) expected.finding())
            .boxes().stream().filter(box -> box.score() >= .01).toList();
    assertThat(told.path("boxes")).hasSameSizeAs(boxes).isNotEmpty();
    JsonNode box = told.path("boxes").path(0);
    assertThat(box.path("right").asDouble())
        .isCloseTo(Math.clamp(boxes.getFirst().right(), 0, 1) * 300, within(.1));
    assertThat(box.path("bottom").asDouble())
        .isCloseTo(Math.clamp(boxes.getFirst().bottom(), 0, 1) * 100, within(.1));
    JsonNode sure =
        client.post("/v1/models/detector/predict?score=1", Images.pngBytes(image)).json();
    assertThat(sure.path("boxes")).isEmpty();
  }

  private static String batch(List<byte[]> files) {
    List<String> encoded =
        files.stream().map(file -> '"' + Base64.getEncoder().encodeToString(file) + '"').toList();
    return "{\"images\": [" + String.join(", ", encoded) + "]}";
  }

  @Test
  void answersABatchInItsOrderWithProblemsInTheirPlaces() {
    byte[] broken = "no image".getBytes(StandardCharsets.US_ASCII);
    List<byte[]> files = List.of(png(32, 32, 1), broken, png(32, 32, 2), png(20, 50, 3));
    JsonNode repaired =
        client.postJson("/v1/models/classifier/batch/purify", batch(files)).json().path("results");
    JsonNode predicted =
        client.postJson("/v1/models/classifier/batch/predict", batch(files)).json().path("results");
    assertThat(repaired).hasSize(4);
    PixelPurifier purifier = new PixelPurifier(TestModels.defense(), Compute.CPU);
    for (int i : new int[] {0, 2, 3}) {
      byte[] png = Base64.getDecoder().decode(repaired.path(i).path("image").asText());
      assertNear(picture(png).upright(), purifier.purify(picture(files.get(i)).upright()));
      JsonNode alone = client.post("/v1/models/classifier/predict", files.get(i)).json();
      assertThat(predicted.path(i).path("classes").path(0).path("label"))
          .isEqualTo(alone.path("classes").path(0).path("label"));
    }
    assertThat(repaired.path(1).path("problem").path("status").asInt()).isEqualTo(415);
    assertThat(predicted.path(1).path("problem").path("detail").asText()).contains("image 1");
  }

  @Test
  void servesEachModelByItsName() {
    JsonNode models = client.get("/v1/models").json().path("models");
    assertThat(models.findValuesAsText("name"))
        .contains("classifier", "segmenter", "detector", "target-alone", "defense-alone");
    JsonNode segmenter = client.get("/v1/models/segmenter").json();
    assertThat(segmenter.path("target").path("task").asText()).isEqualTo("segmentation");
    assertThat(segmenter.path("target").path("imageSize").asInt()).isEqualTo(128);
    assertThat(client.get("/v1/models/other").refusal(404)).contains("'other'", "classifier");
    byte[] image = png(32, 32, 1);
    assertThat(client.post("/v1/models/defense-alone/predict", image).refusal(422))
        .isEqualTo("model defense-alone has no target: it only repairs");
    assertThat(client.post("/v1/models/target-alone/purify", image).refusal(422))
        .isEqualTo("model target-alone has no defense");
    assertThat(client.post("/v1/models/target-alone/predict", image).json().path("defended"))
        .hasToString("false");
  }

  @Test
  void asksForATokenWhereThereIsOne() {
    String token = "a-secret-of-many-letters";
    try (Service guarded = start(config(Optional.of(token), Limits.standard()))) {
      Client outside = new Client(guarded);
      assertThat(outside.get("/v1/models").refusal(401)).contains("token");
      outside.get("/metrics").refusal(401);
      outside.get("/v1/models", "Authorization", "Bearer " + token + "x").refusal(401);
      outside.get("/v1/models", "Authorization", "Basic " + token).refusal(401);
      outside.post("/v1/models/classifier/purify", png(32, 32, 1)).refusal(401);
      String[] header = {"Authorization", "Bearer " + token};
      assertThat(outside.get("/v1/models", header).status()).isEqualTo(200);
      assertThat(outside.post("/v1/models/classifier/purify", png(8, 8, 1), header).status())
          .isEqualTo(200);
      assertThat(outside.get("/health/ready").status()).isEqualTo(200);
      assertThat(outside.get("/openapi.json").status()).isEqualTo(200);
    }
    assertThatThrownBy(() -> config(Optional.of("short"), Limits.standard()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("16 or more");
  }

  @Test
  void countsForPrometheus() {
    client.post("/v1/models/classifier/purify", png(32, 32, 1));
    client.post("/v1/models/classifier/purify", new byte[] {1});
    String text = client.get("/metrics").text();
    assertThat(text)
        .containsPattern(
            "realign_requests_total\\{method=\"POST\",route=\"/v1/models/\\{model}/purify\",status=\"200\"} [1-9]")
        .containsPattern("route=\"/v1/models/\\{model}/purify\",status=\"415\"} [1-9]")
        .containsPattern("realign_pass_images_count\\{kind=\"repair\",model=\"classifier\"} [1-9]")
        .contains("realign_images 0.0", "realign_memory_bytes 0.0", "jvm_memory_used_bytes");
  }

  @Test
  void refusesWhatIsBeyondItsRoomInsteadOfQueueing() throws Exception {
    Limits usual = Limits.standard();
    Limits two =
        new Limits(
            usual.bodyBytes(),
            usual.pixels(),
            2,
            2,
            usual.connections(),
            usual.requestTime(),
            usual.answerTime(),
            usual.attackSteps(),
            usual.attacks());
    byte[] image = png(512, 512, 1);
    try (Service small = start(config(Optional.empty(), two));
        ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      Client outside = new Client(small);
      List<Future<Client.Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        replies.add(crowd.submit(() -> outside.post("/v1/models/classifier/purify", image)));
      }
      int refused = 0;
      int served = 0;
      for (Future<Client.Reply> each : replies) {
        Client.Reply reply = each.get();
        if (reply.status() == 200) {
          served++;
        } else {
          assertThat(reply.refusal(503)).isEqualTo("no room for more images now");
          assertThat(Integer.parseInt(reply.retryAfter().orElseThrow())).isBetween(1, 60);
          refused++;
        }
      }
      assertThat(served).isPositive();
      assertThat(refused).isPositive();
      assertThat(outside.post("/v1/models/classifier/purify", image).status()).isEqualTo(200);
    }
  }

  @Test
  void finishesWhatItServesWhenItShutsDown() throws Exception {
    byte[] image = png(1024, 1024, 1);
    Service leaving = start(config(Optional.empty(), Limits.standard()));
    Client outside = new Client(leaving);
    try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Client.Reply> served =
          crowd.submit(() -> outside.post("/v1/models/classifier/purify", image));
      while (!outside.get("/metrics").text().contains("realign_images 1.0")) {
        Thread.sleep(1);
      }
      Future<Boolean> drained = crowd.submit(() -> leaving.drain(Duration.ofSeconds(20)));
      Thread.sleep(30);
      outside.get("/health/ready").refusal(503);
      outside.post("/v1/models/classifier/purify", image).refusal(503);
      assertThat(served.get().status()).isEqualTo(200);
      assertThat(drained.get()).isTrue();
    } finally {
      leaving.close();
    }
    assertThatThrownBy(outside::connect).isInstanceOf(ConnectException.class);
  }
}

package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.torch.Compute;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the playground page asks for, over sockets. */
final class PlaygroundTest {

  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();
  private static final ServedModel CLASSIFIER = TestModels.classifier();
  private static final Service SERVICE =
      Service.start(
          config(true),
          List.of(
              CLASSIFIER,
              TestModels.segmenter(),
              TestModels.detector(),
              TestModels.targetAlone(),
              measured()),
          FAILURES::add);
  private static final Client CLIENT = new Client(SERVICE);

  private static ServiceConfig config(boolean playground) {
    return new ServiceConfig(
        "127.0.0.1", 0, Optional.empty(), Limits.standard(), Batching.standard(1), playground);
  }

  @AfterAll
  static void nothingFailedUnseen() {
    SERVICE.close();
    assertThat(FAILURES).isEmpty();
  }

  private static String body(Pixels image, String more) {
    String file = Base64.getEncoder().encodeToString(Images.pngBytes(image));
    return "{\"image\": \"%s\"%s}".formatted(file, more);
  }

  private static Pixels pixels(JsonNode state) {
    return Images.read(Base64.getDecoder().decode(state.path("image").asText()), "answer");
  }

  private static int largest(Pixels a, Pixels b) {
    int largest = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      largest = Math.max(largest, Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255)));
    }
    return largest;
  }

  @ParameterizedTest
  @CsvSource({
    "classifier, pgd, false, 32",
    "classifier, margin, true, 32",
    "segmenter, segpgd, false, 128",
    "segmenter, pgd, true, 128",
    "detector, cls+loc, false, 64",
    "detector, pgd, true, 64"
  })
  void attacksWithinTheBallAndRepairs(String model, String attack, boolean adaptive, int side) {
    Client.Reply reply =
        CLIENT.postJson(
            "/v1/models/%s/attack".formatted(model),
            body(
                TestModels.noise(50, 70, 1),
                ", \"attack\": \"%s\", \"epsilon\": 0.0316, \"steps\": 3, \"adaptive\": %s"
                    .formatted(attack, adaptive)));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    JsonNode told = reply.json();
    Pixels clean = pixels(told.path("clean"));
    Pixels attacked = pixels(told.path("attacked"));
    assertThat(clean.width()).isEqualTo(side);
    assertThat(largest(clean, attacked)).isBetween(1, 8);
    assertThat(told.path("linf").asDouble())
        .isCloseTo(largest(clean, attacked) / 255.0, within(1e-5));
    assertThat(pixels(told.path("repaired")).width()).isEqualTo(side);
    for (String state : List.of("clean", "attacked")) {
      for (String net : List.of("bare", "defended")) {
        assertThat(told.path(state).path(net).path("kept").asDouble()).isBetween(0.0, 1.0);
      }
    }
    if (!model.equals("detector")) { // of whose boxes none may be sure enough to be a label
      assertThat(told.path("clean").path("bare").path("kept").asDouble()).isEqualTo(1);
    }
  }

  @Test
  void aLargeRadiusTakesSupportFromTheCleanClass() {
    JsonNode told =
        CLIENT
            .postJson(
                "/v1/models/classifier/attack",
                body(
                    TestModels.noise(32, 32, 2),
                    ", \"epsilon\": 0.2, \"steps\": 20, \"images\": false"))
            .json();
    double before = told.path("clean").path("bare").path("support").asDouble();
    double after = told.path("attacked").path("bare").path("support").asDouble();
    assertThat(before)
        .isCloseTo(
            told.path("clean").path("bare").path("classes").path(0).path("score").asDouble(),
            within(1e-6));
    assertThat(after).isLessThan(before);
    assertThat(told.path("clean").has("image")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "classifier, ', \"attack\": \"autoattack\"', 400, attack is one of pgd",
    "classifier, ', \"attack\": \"segpgd\"', 400, attack is one of pgd",
    "classifier, ', \"steps\": 51', 400, steps is 1 to 50",
    "classifier, ', \"epsilon\": 0', 400, epsilon is above 0",
    "classifier, ', \"epsilon\": 0.3', 400, epsilon is above 0",
    "target-alone, ', \"adaptive\": true', 422, has no defense"
  })
  void refusesWhatIsOutOfBounds(String model, String more, int status, String why) {
    assertThat(
            CLIENT
                .postJson(
                    "/v1/models/%s/attack".formatted(model),
                    body(TestModels.noise(32, 32, 1), more))
                .refusal(status))
        .contains(why);
  }

  @Test
  void theJsonOfAnImageIsNeeded() {
    assertThat(CLIENT.postJson("/v1/models/classifier/attack", "{}").refusal(400))
        .contains("'image' is missing");
  }

  private static Result result(
      @Nullable String defense, double epsilon, @Nullable Threat threat, double value) {
    return result(defense, epsilon, threat, value, 100);
  }

  private static Result result(
      @Nullable String defense, double epsilon, @Nullable Threat threat, double value, long n) {
    Map<String, Object> parameters = Map.of("norm", "linf", "epsilon", epsilon, "steps", 20);
    return new Result(
        "classification",
        "scenes",
        "test",
        "tiny",
        defense,
        epsilon == 0 ? null : new Result.AttackCell("pgd", parameters),
        threat,
        "accuracy",
        value,
        n,
        new Interval(0, 1),
        null,
        1,
        new Result.Provenance(0, "", "", Map.of()),
        new Result.Weights(null, null),
        List.of());
  }

  /** With results of an evaluation, and one radius on fewer images. */
  static ServedModel measured() {
    List<Result> results = new ArrayList<>();
    results.add(result(null, 0, null, .9));
    results.add(result("g", 0, null, .8));
    results.add(result(null, .02, Threat.OBLIVIOUS, .3, 20));
    for (Threat threat : List.of(Threat.OBLIVIOUS, Threat.ADAPTIVE)) {
      results.add(result(null, .02, threat, .1));
      results.add(result(null, .01, threat, .4));
      results.add(result("g", .01, threat, threat == Threat.ADAPTIVE ? .2 : .7));
    }
    results.add(result(null, .02, Threat.BLACK_BOX, .85));
    results.add(result("g", .02, Threat.BLACK_BOX, .75));
    return new ServedModel(
        "measured", CLASSIFIER.target(), CLASSIFIER.defense(), List.of(), results, Compute.CPU);
  }

  @Test
  void tellsWhatAnEvaluationMeasured() {
    JsonNode series = CLIENT.get("/v1/models/measured/curves").json().path("series");
    assertThat(series.findValuesAsText("threat"))
        .containsExactly("", "", "adaptive", "black-box", "oblivious");
    assertThat(series.findValuesAsText("images")).containsExactly("20", "100", "100", "100", "100");
    assertThat(series.findValuesAsText("split")).containsOnly("test");
    assertThat(series.path(0).path("points"))
        .as("of other images, without a clean point of those")
        .hasToString("[{\"epsilon\":0.02,\"value\":0.3}]");
    assertThat(series.path(1).path("points"))
        .as("a transferred attack is none of these")
        .hasToString(
            "[{\"epsilon\":0.0,\"value\":0.9},{\"epsilon\":0.01,\"value\":0.4},{\"epsilon\":0.02,\"value\":0.1}]");
    assertThat(series.path(2).path("points"))
        .hasToString("[{\"epsilon\":0.0,\"value\":0.8},{\"epsilon\":0.01,\"value\":0.2}]");
    assertThat(series.path(3).path("points"))
        .hasToString("[{\"epsilon\":0.0,\"value\":0.8},{\"epsilon\":0.02,\"value\":0.75}]");
    assertThat(CLIENT.get("/v1/models/classifier/curves").json().path("series")).isEmpty();
  }

  @Test
  void thePageIsWholeAndMayLoadNothingFromElsewhere() {
    Client.Reply page = CLIENT.get("/");
    assertThat(page.type()).startsWith("text/html");
    assertThat(page.policy()).contains("default-src 'self'").doesNotContain("unsafe", "*");
    assertThat(page.text()).doesNotContain("http://", "https://", "style=", "<script>");
    for (String file : List.of("/playground.css", "/playground.js", "/playground.svg")) {
      assertThat(page.text()).contains('"' + file + '"');
      assertThat(CLIENT.get(file).status()).isEqualTo(200);
    }
  }

  @Test
  void canBeLeftOut() {
    try (Service without = Service.start(config(false), List.of(CLASSIFIER), FAILURES::add)) {
      Client outside = new Client(without);
      for (String path : List.of("/", "/playground.js", "/v1/models/classifier/curves")) {
        assertThat(outside.getUnchecked(path).status()).isEqualTo(404);
      }
      outside.postJson("/v1/models/classifier/attack", "{}").refusal(404);
      assertThat(outside.get("/v1/models/classifier").json().has("playground")).isFalse();
    }
  }
}

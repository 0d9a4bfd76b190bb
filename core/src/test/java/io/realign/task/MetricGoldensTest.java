package io.realign.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.realign.data.Box;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics against independent implementations; see resources/task/make_goldens.py. */
class MetricGoldensTest {

  private static final double TOLERANCE = 1e-6;

  private final JsonNode goldens = read();

  private static JsonNode read() {
    try (InputStream in = MetricGoldensTest.class.getResourceAsStream("/task/goldens.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void meanOverlapIsThatOfScikitLearn() {
    JsonNode masks = goldens.get("masks");
    RegionCounts all = RegionCounts.none(7);
    for (int i = 0; i < masks.get("truth").size(); i++) {
      all =
          all.plus(
              RegionCounts.of(
                  bytes(masks.get("found").get(i)), bytes(masks.get("truth").get(i)), 7));
    }
    for (int k = 0; k < 7; k++) {
      assertThat(all.overlap(k).orElseThrow())
          .isCloseTo(masks.get("iou").get(k).asDouble(), within(TOLERANCE));
    }
    assertThat(all.meanOverlap()).isCloseTo(masks.get("mean").asDouble(), within(TOLERANCE));
  }

  private static byte[] bytes(JsonNode values) {
    byte[] bytes = new byte[values.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values.get(i).asInt();
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "difficult"})
  void averagePrecisionIsThatOfAnIndependentImplementation(String kind) {
    JsonNode boxes = goldens.get(kind);
    List<AveragePrecision.Judged> images = new ArrayList<>();
    for (JsonNode image : boxes.get("images")) {
      List<Box> truth = new ArrayList<>();
      for (JsonNode b : image.get("truth")) {
        truth.add(
            new Box(
                b.get(4).asInt(),
                edge(b, 0),
                edge(b, 1),
                edge(b, 2),
                edge(b, 3),
                b.get(5).asInt() == 1));
      }
      List<DetectedBox> found = new ArrayList<>();
      for (JsonNode b : image.get("found")) {
        found.add(
            new DetectedBox(
                b.get(4).asInt(),
                (float) b.get(5).asDouble(),
                edge(b, 0),
                edge(b, 1),
                edge(b, 2),
                edge(b, 3)));
      }
      images.add(new AveragePrecision.Judged(found, truth));
    }
    check(AveragePrecision.ELEVEN_POINT, images, boxes.get("eleven"));
    check(AveragePrecision.AREA, images, boxes.get("area"));
  }

  private static void check(
      AveragePrecision form, List<AveragePrecision.Judged> images, JsonNode wanted) {
    List<OptionalDouble> found = form.byClass(images, 4);
    double sum = 0;
    for (int k = 0; k < 3; k++) {
      assertThat(found.get(k).orElseThrow())
          .as(form + " of class " + k)
          .isCloseTo(wanted.get(k).asDouble(), within(TOLERANCE));
      sum += wanted.get(k).asDouble() / 3;
    }
    assertThat(found.get(3)).as("a class without objects").isEmpty();
    assertThat(form.mean(images, 4)).isCloseTo(sum, within(TOLERANCE));
  }

  private static float edge(JsonNode box, int at) {
    return (float) box.get(at).asDouble();
  }
}

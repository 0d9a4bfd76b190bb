package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.DetectedBox;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Shapes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole nets against torchvision's on the same weights; see resources/target/make_torchvision.py.
 */
class TorchvisionGoldenTest {

  private static final int MASK_CLASSES = 5;
  private static final int BOX_CLASSES = 90;

  private final JsonNode goldens = read();

  private static JsonNode read() {
    try (InputStream in =
        TorchvisionGoldenTest.class.getResourceAsStream("/target/torchvision.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The script's hash of index and seed, in [-1,1). */
  private static double noise(long index, long seed) {
    long h = (index * 2654435761L + seed * 40503) & 0xffffffffL;
    for (int i = 0; i < 2; i++) {
      h = ((h ^ (h >> 16)) * 0x45d9f3b) & 0xffffffffL;
    }
    return (h ^ (h >> 16)) / (double) (1L << 31) - 1;
  }

  private static StateDict weights(String architecture, int classes) {
    Params params = Params.blank(Compute.CPU);
    Architectures.of(architecture).body().build(params, classes);
    StateDict dict = params.dict();
    int t = 0;
    for (String name : dict.names().stream().sorted().toList()) {
      long[] shape = Ops.shape(dict.get(name));
      float[] values = new float[(int) dict.get(name).numel()];
      double size = Math.sqrt(6.0 * shape[0] / values.length);
      for (int j = 0; j < values.length; j++) {
        double n = noise(j, t);
        values[j] =
            (float)
                (name.endsWith("running_var")
                    ? 1 + .5 * n
                    : shape.length > 1 ? n * size : name.endsWith("weight") ? 1 + .3 * n : .1 * n);
      }
      try (Scope scope = Scope.open();
          NoGradGuard guard = new NoGradGuard()) {
        dict.get(name).copy_(Ops.floats(values, shape));
      }
      t++;
    }
    return dict;
  }

  private static Target target(String architecture, StateDict weights) {
    return Targets.of(Architectures.of(architecture), weights, Map.of(), "noise", Compute.CPU);
  }

  /** {@code [1,3,height,width]} of squares of eight pixels. */
  private static Tensor image(int height, int width) {
    int rows = Math.ceilDiv(height, 8);
    int columns = Math.ceilDiv(width, 8);
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      int x = i % width;
      int y = i / width % height;
      int channel = i / width / height;
      values[i] = (float) (.5 + .5 * noise((channel * rows + y / 8) * columns + x / 8, 99));
    }
    return Ops.floats(values, 1, 3, height, width);
  }

  private static float[] golden(JsonNode values) {
    float[] golden = new float[values.size()];
    for (int i = 0; i < golden.length; i++) {
      golden[i] = (float) values.get(i).asDouble();
    }
    return golden;
  }

  /** The largest difference, of the largest golden value. */
  private static double distance(float[] actual, float[] golden) {
    assertThat(actual).hasSameSizeAs(golden);
    double scale =
        IntStream.range(0, golden.length).mapToDouble(i -> Math.abs(golden[i])).max().orElse(0);
    return IntStream.range(0, golden.length)
            .mapToDouble(i -> Math.abs(actual[i] - golden[i]))
            .max()
            .orElse(0)
        / scale;
  }

  private static long[] every(long count, int step) {
    return LongStream.iterate(0, i -> i < count, i -> i + step).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152"})
  void residualNetsAreTorchvisions(String name) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      float[] golden = golden(goldens.get("classes").get(name));
      Target net = target(name, weights(name, golden.length));
      assertThat(distance(Ops.toFloats(net.forward(image(96, 80)).logits()), golden))
          .isLessThan(1e-4);
    }
  }

  @Test
  void deepLabIsTorchvisionsUnderItsNameAlone() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      StateDict weights = weights("deeplabv3-resnet50-torchvision", MASK_CLASSES);
      float[] golden = golden(goldens.get("masks").get("logits"));
      assertThat(distance(logits("deeplabv3-resnet50-torchvision", weights), golden))
          .isLessThan(1e-4);
      assertThat(distance(logits("deeplabv3-resnet50", weights), golden)).isGreaterThan(.1);
    }
  }

  private static float[] logits(String architecture, StateDict weights) {
    Target net = target(architecture, weights);
    assertThat(net.classes()).isEqualTo(MASK_CLASSES);
    Tensor logits = net.forward(image(40, 312)).logits().select(0, 0); // [K,40,312]
    Tensor rows = Shapes.select(logits, 1, every(40, 8));
    return Ops.toFloats(Shapes.select(rows, 2, every(312, 24)));
  }

  @Test
  void ssdIsTorchvisionsUnderItsNameAlone() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      JsonNode boxes = goldens.get("boxes");
      StateDict weights = weights("ssd300-vgg16-torchvision", BOX_CLASSES);
      weights.get("backbone.features.0.weight").mul_(new Scalar(boxes.get("quiet").asDouble()));
      Target net = target("ssd300-vgg16-torchvision", weights);
      assertThat(net.classes()).isEqualTo(BOX_CLASSES);
      Outputs outputs = net.forward(image(300, 300));
      Detection task = (Detection) net.task();
      long[] kept = every(task.priors().count(), boxes.get("every").asInt());
      Tensor logits = Shapes.select(outputs.logits(), 1, kept); // [1,42,91]

      assertThat(
              distance(
                  Ops.toFloats(Shapes.select(logits, 2, every(BOX_CLASSES + 1, 10))),
                  golden(boxes.get("logits"))))
          .isLessThan(1e-4);
      assertThat(edges(task.priors(), kept))
          .containsExactly(golden(boxes.get("priors")), within(1e-5f));
      checkClaims(task, kept, logits, outputs.offsets().orElseThrow(), boxes);
      checkFound(task.detections(outputs), boxes);
      Detection paper = (Detection) target("ssd300-vgg16", weights).task();
      assertThat(distance(edges(paper.priors(), kept), golden(boxes.get("priors"))))
          .isGreaterThan(.02);
    }
  }

  private static float[] edges(Priors priors, long[] kept) {
    float[] edges = new float[4 * kept.length];
    for (int i = 0; i < kept.length; i++) {
      int at = (int) (4 * kept[i]);
      for (int side = 0; side < 4; side++) {
        float half = priors.boxes()[at + 2 + side % 2] / 2;
        edges[4 * i + side] = priors.boxes()[at + side % 2] + (side < 2 ? -half : half);
      }
    }
    return edges;
  }

  /** The boxes of the first class at some priors, before any is suppressed. */
  private static void checkClaims(
      Detection task, long[] kept, Tensor logits, Tensor offsets, JsonNode golden) {
    float[] some = new float[4 * kept.length];
    for (int i = 0; i < kept.length; i++) {
      System.arraycopy(task.priors().boxes(), (int) (4 * kept[i]), some, 4 * i, 4);
    }
    Detection all =
        new Detection(
            new Priors(some),
            task.coding(),
            task.scores(),
            new NonMaximumSuppression(0, 1, kept.length, kept.length * BOX_CLASSES),
            task.precision());
    Outputs outputs = new Outputs(logits, logits, Optional.of(Shapes.select(offsets, 1, kept)));
    List<DetectedBox> claims =
        all.detections(outputs).getFirst().stream().filter(box -> box.label() == 0).toList();

    float[] scores = golden(golden.get("scores"));
    float[] boxes = golden(golden.get("boxes"));
    List<DetectedBox> expected = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      expected.add(
          new DetectedBox(
              0, scores[i], boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]));
    }
    expected.sort(Comparator.comparingDouble(DetectedBox::score).reversed());
    checkSame(claims, expected);
  }

  /** What is left of all, the surest. */
  private static void checkFound(List<List<DetectedBox>> found, JsonNode golden) {
    float[] sure = golden(golden.get("sure"));
    float[] boxes = golden(golden.get("found"));
    List<DetectedBox> expected = new ArrayList<>();
    for (int i = 0; i < sure.length; i++) {
      expected.add(
          new DetectedBox(
              golden.get("labels").get(i).asInt(),
              sure[i],
              boxes[4 * i],
              boxes[4 * i + 1],
              boxes[4 * i + 2],
              boxes[4 * i + 3]));
    }
    checkSame(found.getFirst().subList(0, sure.length), expected);
  }

  private static void checkSame(List<DetectedBox> actual, List<DetectedBox> expected) {
    assertThat(actual)
        .extracting(DetectedBox::label)
        .containsExactlyElementsOf(expected.stream().map(DetectedBox::label).toList());
    assertThat(values(actual)).containsExactly(values(expected), within(1e-4f));
  }

  private static float[] values(List<DetectedBox> boxes) {
    float[] values = new float[5 * boxes.size()];
    for (int i = 0; i < boxes.size(); i++) {
      DetectedBox box = boxes.get(i);
      values[5 * i] = box.score();
      values[5 * i + 1] = box.left();
      values[5 * i + 2] = box.top();
      values[5 * i + 3] = box.right();
      values[5 * i + 4] = box.bottom();
    }
    return values;
  }
}

package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.realign.nn.StateDict;
import io.realign.task.DetectedBox;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

  private final JsonNode goldens = Noise.goldens("torchvision.json");

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet50", "resnet101"})
  void residualNetsAreTorchvisions(String name) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      float[] golden = Noise.golden(goldens.get("classes").get(name));
      Target net = Noise.target(name, Noise.weights(name, golden.length));
      assertThat(Noise.distance(Ops.toFloats(net.forward(Noise.image(96, 80)).logits()), golden))
          .isLessThan(1e-4);
    }
  }

  @Test
  void deepLabIsTorchvisionsUnderItsNameAlone() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      StateDict weights = Noise.weights("deeplabv3-resnet50-torchvision", MASK_CLASSES);
      float[] golden = Noise.golden(goldens.get("masks").get("logits"));
      assertThat(Noise.distance(logits("deeplabv3-resnet50-torchvision", weights), golden))
          .isLessThan(1e-4);
      assertThat(Noise.distance(logits("deeplabv3-resnet50", weights), golden)).isGreaterThan(.1);
    }
  }

  private static float[] logits(String architecture, StateDict weights) {
    Target net = Noise.target(architecture, weights);
    assertThat(net.classes()).isEqualTo(MASK_CLASSES);
    Tensor logits = net.forward(Noise.image(40, 312)).logits().select(0, 0); // [K,40,312]
    Tensor rows = Shapes.select(logits, 1, Noise.every(40, 8));
    return Ops.toFloats(Shapes.select(rows, 2, Noise.every(312, 24)));
  }

  @Test
  void ssdIsTorchvisionsUnderItsNameAlone() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      JsonNode boxes = goldens.get("boxes");
      StateDict weights = Noise.weights("ssd300-vgg16-torchvision", BOX_CLASSES);
      weights.get("backbone.features.0.weight").mul_(new Scalar(boxes.get("quiet").asDouble()));
      Target net = Noise.target("ssd300-vgg16-torchvision", weights);
      assertThat(net.classes()).isEqualTo(BOX_CLASSES);
      Outputs outputs = net.forward(Noise.image(300, 300));
      Detection task = (Detection) net.task();
      long[] kept = Noise.every(task.priors().count(), boxes.get("every").asInt());
      Tensor logits = Shapes.select(outputs.logits(), 1, kept); // [1,42,91]

      assertThat(
              Noise.distance(
                  Ops.toFloats(Shapes.select(logits, 2, Noise.every(BOX_CLASSES + 1, 10))),
                  Noise.golden(boxes.get("logits"))))
          .isLessThan(1e-4);
      assertThat(edges(task.priors(), kept))
          .containsExactly(Noise.golden(boxes.get("priors")), within(1e-5f));
      checkClaims(task, kept, logits, outputs.offsets().orElseThrow(), boxes);
      checkFound(task.detections(outputs), boxes);
      Detection paper = (Detection) Noise.target("ssd300-vgg16", weights).task();
      assertThat(Noise.distance(edges(paper.priors(), kept), Noise.golden(boxes.get("priors"))))
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

    float[] scores = Noise.golden(golden.get("scores"));
    float[] boxes = Noise.golden(golden.get("boxes"));
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
    float[] sure = Noise.golden(golden.get("sure"));
    float[] boxes = Noise.golden(golden.get("found"));
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

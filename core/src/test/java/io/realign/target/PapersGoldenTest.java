package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.realign.nn.StateDict;
import io.realign.task.Detection;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Shapes;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Whole nets against their authors' on the same weights; see resources/target/make_papers.py. */
class PapersGoldenTest {

  private static final int MASK_CLASSES = 21;
  private static final int BOX_CLASSES = 20;

  private final JsonNode goldens = Noise.goldens("papers.json");

  @Test
  void pspNetIsSemsegs() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Target net = Noise.target("pspnet-resnet50", Noise.weights("pspnet-resnet50", MASK_CLASSES));
      Tensor logits = net.forward(Noise.image(57, 73)).logits(); // [1,21,57,73]
      Tensor some = Shapes.select(logits, 1, Noise.every(MASK_CLASSES, 4));
      Tensor rows = Shapes.select(some, 2, Noise.every(57, 8));
      assertThat(
              Noise.distance(
                  Ops.toFloats(Shapes.select(rows, 3, Noise.every(73, 8))),
                  Noise.golden(goldens.at("/masks/logits"))))
          .isLessThan(1e-4);
    }
  }

  @Test
  void rfbNetIsItsAuthors() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      JsonNode boxes = goldens.required("boxes");
      StateDict weights = Noise.weights("rfbnet300-vgg16", BOX_CLASSES);
      weights.get("base.0.weight").mul_(new Scalar(boxes.required("quiet").asDouble()));
      Target net = Noise.target("rfbnet300-vgg16", weights);
      Outputs outputs = net.forward(Noise.image(300, 300));
      long priors = ((Detection) net.task()).priors().count();
      long[] kept = Noise.every(priors, boxes.required("every").asInt());
      Tensor logits = Shapes.select(outputs.logits(), 1, kept);
      Tensor offsets = Shapes.select(outputs.offsets().orElseThrow(), 1, kept);
      assertThat(
              Noise.distance(
                  Ops.toFloats(Shapes.select(logits, 2, Noise.every(BOX_CLASSES + 1, 5))),
                  Noise.golden(boxes.required("logits"))))
          .isLessThan(1e-4);
      assertThat(Noise.distance(Ops.toFloats(offsets), Noise.golden(boxes.required("offsets"))))
          .isLessThan(1e-4);
    }
  }
}

package io.realign.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SegmentationTest {

  private static final int CLASSES = 3;
  private static final byte NOBODY = Annotation.UNKNOWN;

  private final Segmentation task = new Segmentation();

  private static Batch batch() {
    return new Batch(
        Seed.of(1).uniform(0, 1, 2, 3, 2, 2),
        List.of(
            new Annotation(0, new byte[] {0, 1, NOBODY, 2}, List.of()),
            new Annotation(0, new byte[] {NOBODY, NOBODY, NOBODY, NOBODY}, List.of())),
        new int[] {0, 1});
  }

  @Test
  void unknownPixelsCountInNoLoss() {
    try (Scope scope = Scope.open()) {
      Tensor labels = task.labels(batch());
      Tensor logits = Seed.of(2).normal(1, 2, CLASSES, 2, 2);
      float[] z = Ops.toFloats(logits);
      double sum = 0;
      int[] truth = {0, 1, -1, 2};
      for (int pixel = 0; pixel < 4; pixel++) {
        if (truth[pixel] >= 0) {
          double all = 0;
          for (int k = 0; k < CLASSES; k++) {
            all += Math.exp(z[k * 4 + pixel]);
          }
          sum += Math.log(all) - z[truth[pixel] * 4 + pixel];
        }
      }
      Outputs outputs = new Outputs(logits, logits);
      assertThat(task.loss(outputs, labels).item_double()).isCloseTo(sum / 3, within(1e-5));
      assertThat(Ops.toFloats(task.losses(outputs, labels)))
          .usingComparatorWithPrecision(1e-5f)
          .containsExactly((float) (sum / 3), 0f);
    }
  }

  @Test
  void judgesByPixelsThatAreKnown() {
    try (Scope scope = Scope.open()) {
      Tensor labels = task.labels(batch());
      Tensor right = Ops.longs(new long[] {0, 1, 1, 2, 0, 0, 0, 0}, 2, 2, 2);
      List<Judgement> judged = task.judge(right, labels);
      assertThat(judged.getFirst().value()).isEqualTo(1);
      assertThat(task.score(judged)).isEqualTo(1);
      Tensor wrong = Ops.longs(new long[] {1, 1, 1, 2, 0, 0, 0, 0}, 2, 2, 2);
      assertThat(task.score(task.judge(wrong, labels)))
          .as("classes 0, 1, 2 with 0, 1/2, 1")
          .isCloseTo(.5, within(1e-9));
    }
  }

  @Test
  void featuresTakeTheClassInTheMiddleOfTheirPlace() {
    try (Scope scope = Scope.open()) {
      Tensor labels = Ops.longs(new long[] {0, 1, 1, 2, 2, 2, 0, 1, -100}, 1, 3, 3);
      ClassFeatures found = task.features(Seed.of(3).normal(1, 1, 5, 1, 1), labels, CLASSES);
      assertThat(Ops.toLongs(found.labels())).containsExactly(2); // the middle of 3×3
      ClassFeatures all = task.features(Seed.of(3).normal(1, 1, 5, 3, 3), labels, CLASSES);
      assertThat(Ops.shape(all.rows())).containsExactly(9, 5);
      assertThat(Ops.toFloats(all.counts())).containsExactly(2, 3, 3);
      Tensor map = task.labelMap(labels, CLASSES, 3, 3);
      assertThat(Ops.shape(map)).containsExactly(1, CLASSES, 3, 3);
      assertThat(map.sum().item_double()).as("none where unknown").isEqualTo(8);
    }
  }

  @Test
  void theShareOfWrongPixelsIsOfTheKnown() {
    try (Scope scope = Scope.open()) {
      Tensor labels = task.labels(batch());
      Tensor logits = Ops.oneHot(Ops.longs(new long[] {0, 0, 0, 2, 0, 0, 0, 0}, 2, 2, 2), CLASSES);
      Outputs outputs = new Outputs(logits.permute(0, 3, 1, 2), logits);
      assertThat(Ops.toFloats(task.wrong(outputs, labels)))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(1 / 3f, 0f);
    }
  }
}

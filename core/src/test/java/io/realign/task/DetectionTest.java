package io.realign.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.data.Box;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class DetectionTest {

  private static final int CLASSES = 2;

  private final Priors priors =
      new Priors(
          new float[] {
            .25f, .25f, .5f, .5f, //
            .75f, .25f, .5f, .5f, //
            .25f, .75f, .5f, .5f, //
            .75f, .75f, .5f, .5f, //
            .50f, .50f, .1f, .1f,
          });
  private final Detection task =
      new Detection(
          priors,
          BoxCoding.standard(),
          Detection.Scores.SOFTMAX,
          NonMaximumSuppression.standard(),
          AveragePrecision.AREA);

  private static Batch batch() {
    return new Batch(
        Seed.of(1).uniform(0, 1, 2, 3, 10, 20),
        List.of(
            new Annotation(1, new byte[0], List.of(new Box(1, 0, 0, 10, 5))),
            new Annotation(0, new byte[0], List.of())),
        new int[] {0, 1});
  }

  /** A net that sees the first image's object just where it is, and nothing else. */
  private static Outputs seesIt(float sure) {
    float[] logits = new float[2 * 5 * (CLASSES + 1)];
    for (int prior = 0; prior < 10; prior++) {
      logits[prior * 3] = 8; // background
    }
    logits[0] = 0;
    logits[2] = sure;
    return new Outputs(
        Ops.floats(logits, 2, 5, 3), Seed.of(2).normal(1, 2, 4, 2, 2), Optional.of(zeros()));
  }

  private static Tensor zeros() {
    return Ops.floats(new float[40], 2, 5, 4);
  }

  @Test
  void whoSeesEverythingHasAllOfThePrecision() {
    try (Scope scope = Scope.open()) {
      Outputs outputs = seesIt(8);
      Tensor labels = task.labels(batch());
      List<Judgement> judged = task.judge(task.predictions(outputs), labels);
      assertThat(task.score(judged)).isEqualTo(1);
      Finding.Objects found = (Finding.Objects) task.findings(task.predictions(outputs)).getFirst();
      assertThat(found.boxes().getFirst())
          .usingRecursiveComparison()
          .withEqualsForType((a, b) -> Math.abs(a - b) < 1e-3, Float.class)
          .isEqualTo(new DetectedBox(1, .9997f, 0, 0, .5f, .5f));
      assertThat(Ops.toFloats(task.confidence(outputs))[0]).isGreaterThan(.99f);
    }
  }

  @Test
  void theLossIsThatOfObjectsAndThreeHardBackgrounds() {
    try (Scope scope = Scope.open()) {
      Tensor logits = Seed.of(3).normal(1, 2, 5, 3);
      Tensor offsets = Seed.of(4).normal(1, 2, 5, 4);
      Outputs outputs = new Outputs(logits, logits, Optional.of(offsets));
      float[] z = Ops.toFloats(logits);
      float[] d = Ops.toFloats(offsets);
      double own = entropy(z, 0, 2); // the first prior covers the object of class 1
      double[] others = new double[4];
      for (int prior = 1; prior < 5; prior++) {
        others[prior - 1] = entropy(z, 3 * prior, 0);
      }
      java.util.Arrays.sort(others);
      double away = 0;
      for (int k = 0; k < 4; k++) { // the object is the prior: offsets 0
        double size = Math.abs(d[k]);
        away += size < 1 ? .5 * size * size : size - .5;
      }
      double wanted = own + others[3] + others[2] + others[1] + away;
      assertThat(task.loss(outputs, task.labels(batch())).item_double())
          .isCloseTo(wanted, within(1e-5));
    }
  }

  private static double entropy(float[] z, int at, int label) {
    double sum = 0;
    for (int k = 0; k < 3; k++) {
      sum += Math.exp(z[at + k]);
    }
    return Math.log(sum) - z[at + label];
  }

  @Test
  void aSigmoidNetHasTheLossOfEachClassByItself() {
    try (Scope scope = Scope.open()) {
      Detection each =
          new Detection(
              priors,
              BoxCoding.standard(),
              Detection.Scores.SIGMOID,
              NonMaximumSuppression.standard(),
              AveragePrecision.AREA);
      Tensor logits = Seed.of(3).normal(1, 2, 5, 3);
      Outputs outputs = new Outputs(logits, logits, Optional.of(zeros()));
      float[] z = Ops.toFloats(logits);
      double own = Math.log1p(Math.exp(z[1])) + Math.log1p(Math.exp(-z[2]));
      double[] others = new double[4];
      for (int prior = 1; prior < 5; prior++) {
        others[prior - 1] =
            Math.log1p(Math.exp(z[3 * prior + 1])) + Math.log1p(Math.exp(z[3 * prior + 2]));
      }
      java.util.Arrays.sort(others);
      assertThat(each.losses(outputs, each.labels(batch())).sum().item_double())
          .isCloseTo(own + others[3] + others[2] + others[1], within(1e-5));
      double focal = 0; // as it is trained: all priors, (1 − p)² and 3 to 1 for what is there
      for (int prior = 0; prior < 10; prior++) { // of both images
        for (int k = 1; k < 3; k++) {
          boolean there = prior == 0 && k == 2;
          double p = 1 / (1 + Math.exp(there ? -z[3 * prior + k] : z[3 * prior + k]));
          focal -= (there ? .75 : .25) * (1 - p) * (1 - p) * Math.log(p);
        }
      }
      assertThat(each.loss(outputs, each.labels(batch())).item_double())
          .isCloseTo(focal, within(1e-5));
    }
  }

  @Test
  void featuresAreMeansWithinTheBoxes() {
    try (Scope scope = Scope.open()) {
      Tensor map = Seed.of(5).normal(1, 2, 4, 4, 4);
      ClassFeatures found = task.features(map, task.labels(batch()), CLASSES);
      assertThat(Ops.toLongs(found.labels())).containsExactly(1);
      Tensor corner = map.select(0, 0).narrow(1, 0, 2).narrow(2, 0, 2).mean(new long[] {1, 2});
      assertThat(Ops.toFloats(found.rows()))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(Ops.toFloats(corner));
      Tensor drawn = task.labelMap(task.labels(batch()), CLASSES, 4, 4);
      assertThat(drawn.sum().item_double()).isEqualTo(4);
      assertThat(drawn.select(0, 0).select(0, 1).select(0, 1).select(0, 1).item_double())
          .isEqualTo(1);
    }
  }

  private static final int ROWS = 15;
  private static final int COLUMNS = 20;

  /** 300 objects on a grid, each larger than the one before; a hundredth of the side at least. */
  private static List<Box> crowd() {
    List<Box> boxes = new ArrayList<>();
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      float left = 20 * (i % COLUMNS);
      float top = 20 * (i / COLUMNS);
      float size = 4 + .05f * i;
      boxes.add(new Box(i % CLASSES, left, top, left + size, top + size));
    }
    return boxes;
  }

  private static Batch crowded() {
    return new Batch(
        Seed.of(1).uniform(0, 1, 2, 3, 20 * ROWS, 20 * COLUMNS),
        List.of(
            new Annotation(0, new byte[0], crowd()),
            new Annotation(1, new byte[0], List.of(new Box(1, 0, 0, 10, 5)))),
        new int[] {0, 1});
  }

  @Test
  void countsAllObjectsOfAFullImage() {
    try (Scope scope = Scope.open()) {
      Tensor labels = task.labels(crowded());
      assertThat(Ops.shape(labels)).containsExactly(2, 300, 6);
      List<Box> truth = crowd();
      float[] claims = new float[2 * 300 * Detection.VALUES];
      Arrays.fill(claims, -1);
      for (int i = 0; i < 200; i++) { // the smaller ones, all as they are, and none of the others
        Box box = truth.get(i);
        int at = i * Detection.VALUES;
        claims[at] = box.label();
        claims[at + 1] = box.left() / 400;
        claims[at + 2] = box.top() / 300;
        claims[at + 3] = box.right() / 400;
        claims[at + 4] = box.bottom() / 300;
        claims[at + 5] = .9f - .001f * i;
      }
      List<Judgement> judged = task.judge(Ops.floats(claims, 2, 300, Detection.VALUES), labels);
      // class 0: 100 of 150 found; class 1: 100 of 151, as the other image's is missed
      assertThat(task.score(judged)).isCloseTo((100 / 150.0 + 100 / 151.0) / 2, within(1e-9));
      assertThat(judged.getFirst().value()).isCloseTo(2 / 3.0, within(1e-9));
    }
  }

  @Test
  void aPriorAnswersForEachObjectOfAFullImage() {
    try (Scope scope = Scope.open()) {
      float[] own = new float[300 * Priors.VALUES];
      for (int i = 0; i < 300; i++) {
        Box box = crowd().get(i);
        own[Priors.VALUES * i] = (box.left() + box.right()) / 2 / 400;
        own[Priors.VALUES * i + 1] = (box.top() + box.bottom()) / 2 / 300;
        own[Priors.VALUES * i + 2] = (box.right() - box.left()) / 400;
        own[Priors.VALUES * i + 3] = (box.bottom() - box.top()) / 300;
      }
      Detection each =
          new Detection(
              new Priors(own),
              BoxCoding.standard(),
              Detection.Scores.SOFTMAX,
              NonMaximumSuppression.standard(),
              AveragePrecision.AREA);
      long[] answers = Ops.toLongs(each.answers(each.labels(crowded())).select(0, 0));
      assertThat(answers).hasSize(300);
      for (int i = 0; i < 300; i++) {
        assertThat(answers[i]).isEqualTo(i % CLASSES + 1);
      }
    }
  }

  @Test
  void aBatchWithoutObjectsHasRowsOfPaddingAlone() {
    try (Scope scope = Scope.open()) {
      Annotation none = new Annotation(0, new byte[0], List.of());
      Tensor images = Seed.of(1).uniform(0, 1, 2, 3, 8, 8);
      Tensor labels = task.labels(new Batch(images, List.of(none, none), new int[] {0, 1}));
      assertThat(Ops.shape(labels)).containsExactly(2, 1, 6);
      assertThat(Detection.boxes(labels)).containsExactly(List.of(), List.of());
      assertThat(task.loss(seesIt(8), labels).item_double()).isZero();
    }
  }
}

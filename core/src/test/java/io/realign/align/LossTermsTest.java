package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.task.ClassFeatures;
import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each term of equations (1) to (8) against loops over Java doubles. */
@ExtendWith(OneCore.class)
class LossTermsTest {

  private static final Offset<Double> CLOSE = within(1e-5);
  private static final int N = 3;

  private final Tensor clean = Seed.of(1).uniform(0, 1, N, 3, 4, 4);
  private final Tensor repairedClean = Seed.of(2).uniform(0, 1, N, 3, 4, 4);
  private final Tensor repairedAttacked = Seed.of(3).uniform(0, 1, N, 3, 4, 4);

  private static double meanAbs(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((double) a[i] - b[i]);
    }
    return sum / a.length;
  }

  private static double meanAbs(Tensor a, Tensor b) {
    return meanAbs(Ops.toFloats(a), Ops.toFloats(b));
  }

  private static double value(Tensor scalar) {
    assertThat(scalar.numel()).isOne();
    return scalar.item_double();
  }

  private static float[] gradient(Tensor loss, Tensor leaf) {
    return Ops.toFloats(Ops.gradients(loss, List.of(leaf), true).getFirst());
  }

  // (1)

  @Test
  void reconstructionDrawsTheAttackedToTheRepairedClean() {
    assertThat(
            value(
                new ReconstructionLoss(PixelScheme.ALIGNED)
                    .of(clean, repairedClean, repairedAttacked)))
        .isCloseTo(meanAbs(repairedClean, clean) + meanAbs(repairedAttacked, repairedClean), CLOSE);
    assertThat(
            value(
                new ReconstructionLoss(PixelScheme.TRADITIONAL)
                    .of(clean, repairedClean, repairedAttacked)))
        .isCloseTo(meanAbs(repairedClean, clean) + meanAbs(repairedAttacked, clean), CLOSE);
  }

  // (2)

  /** Two stages: 3x, and x². */
  private static List<Tensor> stages(Tensor x) {
    return List.of(Ops.scale(x, 3), x.mul(x));
  }

  private double perceptual(BiFunction<Integer, Integer, Double> distance, double... weights) {
    return weights[0] * distance.apply(0, 0) + weights[1] * distance.apply(1, 1);
  }

  @Test
  void perceptualDistanceTakesTheSamePairsStageByStage() {
    List<Tensor> c = stages(clean);
    List<Tensor> rc = stages(repairedClean);
    List<Tensor> ra = stages(repairedAttacked);
    double aligned =
        perceptual((i, j) -> meanAbs(rc.get(i), c.get(j)) + meanAbs(ra.get(i), rc.get(j)), .25, 2);
    double traditional =
        perceptual((i, j) -> meanAbs(rc.get(i), c.get(j)) + meanAbs(ra.get(i), c.get(j)), .25, 2);
    for (boolean detach : new boolean[] {false, true}) {
      assertThat(
              value(loss(PixelScheme.ALIGNED, detach).of(clean, repairedClean, repairedAttacked)))
          .isCloseTo(aligned, CLOSE);
      assertThat(
              value(
                  loss(PixelScheme.TRADITIONAL, detach).of(clean, repairedClean, repairedAttacked)))
          .isCloseTo(traditional, CLOSE);
    }
  }

  private static PerceptualLoss loss(PixelScheme scheme, boolean detach) {
    return new PerceptualLoss(scheme, LossTermsTest::stages, List.of(.25, 2.0), 1, detach);
  }

  @Test
  void perceptualReferencePassesNoGradientOnWhenItIsDetached() {
    Tensor same = Ops.leaf(clean); // x̂_c = x_c: the first pair is at its minimum
    Tensor released = loss(PixelScheme.ALIGNED, true).of(clean, same, repairedAttacked);
    Tensor paper = loss(PixelScheme.ALIGNED, false).of(clean, same, repairedAttacked);
    assertThat(gradient(released, same)).containsOnly(0f);
    assertThat(gradient(paper, same)).doesNotContain(0f);
  }

  @Test
  void perceptualShareComparesTheFirstImagesOnly() {
    PerceptualLoss half =
        new PerceptualLoss(
            PixelScheme.ALIGNED, LossTermsTest::stages, List.of(1.0, 0.0), 1 / 3.0, true);
    Tensor c = clean.narrow(0, 0, 1);
    Tensor rc = repairedClean.narrow(0, 0, 1);
    Tensor ra = repairedAttacked.narrow(0, 0, 1);
    assertThat(value(half.of(clean, repairedClean, repairedAttacked)))
        .isCloseTo(3 * (meanAbs(rc, c) + meanAbs(ra, rc)), CLOSE);
  }

  @Test
  void perceptualShareOfLessThanAnImageComparesItsMiddle() {
    Tensor c = Seed.of(11).uniform(0, 1, 2, 3, 80, 96);
    Tensor rc = Seed.of(12).uniform(0, 1, 2, 3, 80, 96);
    Tensor ra = Seed.of(13).uniform(0, 1, 2, 3, 80, 96);
    PerceptualLoss eighth =
        new PerceptualLoss(
            PixelScheme.ALIGNED, LossTermsTest::stages, List.of(1.0, 0.0), 1 / 8.0, true);
    UnaryOperator<Tensor> middle =
        images -> images.narrow(0, 0, 1).narrow(2, 20, 40).narrow(3, 24, 48);
    double expected =
        3
            * (meanAbs(middle.apply(rc), middle.apply(c))
                + meanAbs(middle.apply(ra), middle.apply(rc)));
    assertThat(value(eighth.of(c, rc, ra))).isCloseTo(expected, CLOSE);
  }

  // (3), (4)

  private static double squares(Tensor map, double goal) {
    double sum = 0;
    float[] values = Ops.toFloats(map);
    for (float v : values) {
      sum += (v - goal) * (v - goal);
    }
    return sum / values.length;
  }

  @Test
  void adversarialLossesAreLeastSquaresSummedOverScales() {
    List<Tensor> real = List.of(map(1, 3), map(2, 5));
    List<Tensor> fake = List.of(map(3, 3), map(4, 5));
    List<Tensor> second = List.of(map(5, 3), map(6, 5));
    assertThat(value(AdversarialLoss.generator(fake)))
        .isCloseTo(squares(fake.get(0), 1) + squares(fake.get(1), 1), CLOSE);
    double judged = squares(real.get(0), 1) + squares(real.get(1), 1);
    double fooled = squares(fake.get(0), 0) + squares(fake.get(1), 0);
    double fooledTwice = squares(second.get(0), 0) + squares(second.get(1), 0);
    assertThat(value(AdversarialLoss.discriminator(real, List.of(fake))))
        .isCloseTo(.5 * (judged + fooled), CLOSE);
    assertThat(value(AdversarialLoss.discriminator(real, List.of(fake, second))))
        .isCloseTo(.5 * (judged + fooled + fooledTwice), CLOSE);
  }

  private static Tensor map(long seed, int size) {
    return Seed.of(seed).normal(1, N, 1, size, size);
  }

  @Test
  void featureMatchingWeighsMapsAndCutsTheRealSide() {
    List<List<Tensor>> fake =
        List.of(List.of(leafMap(1, 3), leafMap(2, 5)), List.of(leafMap(3, 2), leafMap(4, 2)));
    List<List<Tensor>> real =
        List.of(List.of(leafMap(5, 3), leafMap(6, 5)), List.of(leafMap(7, 2), leafMap(8, 2)));
    double expected = 0;
    for (int scale = 0; scale < 2; scale++) {
      for (int layer = 0; layer < 2; layer++) { // 4 / (layers + 1) / scales = 4 / 2 / 2
        expected += 1.0 * meanAbs(fake.get(scale).get(layer), real.get(scale).get(layer));
      }
    }
    Tensor loss = FeatureMatchingLoss.of(fake, real);
    assertThat(value(loss)).isCloseTo(expected, CLOSE);
    assertThat(gradient(loss, real.get(0).get(1))).containsOnly(0f);
    assertThat(gradient(loss, fake.get(0).get(1))).doesNotContain(0f);
  }

  private static Tensor leafMap(long seed, int size) {
    return Ops.leaf(map(seed, size));
  }

  // (5), (6)

  private static double crossEntropy(float[] z, int classes, long[] labels) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      double total = 0;
      for (int k = 0; k < classes; k++) {
        total += Math.exp(z[i * classes + k]);
      }
      sum += Math.log(total) - z[i * classes + (int) labels[i]];
    }
    return sum / labels.length;
  }

  @Test
  void taskLossSumsBothCrossEntropies() {
    long[] labels = {2, 0, 1};
    Tensor a = Seed.of(1).normal(2, N, 4);
    Tensor b = Seed.of(2).normal(2, N, 4);
    assertThat(
            value(
                new TaskLoss(new Classification())
                    .of(new Outputs(a, a), new Outputs(b, b), Ops.longs(labels, N))))
        .isCloseTo(
            crossEntropy(Ops.toFloats(a), 4, labels) + crossEntropy(Ops.toFloats(b), 4, labels),
            CLOSE);
  }

  @Test
  void featureReconstructionDrawsBothToTheCleanFeaturesWhichStayPut() {
    Tensor z = Ops.leaf(Seed.of(1).normal(1, N, 5));
    Tensor zc = Ops.leaf(Seed.of(2).normal(1, N, 5));
    Tensor za = Ops.leaf(Seed.of(3).normal(1, N, 5));
    Tensor loss = FeatureReconstructionLoss.of(z, zc, za);
    assertThat(value(loss)).isCloseTo(meanAbs(zc, z) + meanAbs(za, z), CLOSE);
    assertThat(gradient(loss, z)).containsOnly(0f);
    assertThat(gradient(loss, za)).doesNotContain(0f);
  }

  // (7), (8): six rows of four features in classes 0, 2 and 3 of five

  private static final long[] CLASSES = {0, 2, 2, 0, 3, 2};
  private static final int D = 4;
  private static final int K = 5;

  private static ClassFeatures classes(Tensor rows) {
    return ClassFeatures.of(rows, Ops.longs(CLASSES, CLASSES.length), K);
  }

  private static Tensor rows(long seed) {
    return Ops.leaf(Seed.of(seed).normal(2, CLASSES.length, D));
  }

  /** The centre of class k; NaN for a class without rows. */
  private static double[] centre(float[] rows, int k) {
    double[] centre = new double[D];
    int count = 0;
    for (int i = 0; i < CLASSES.length; i++) {
      if (CLASSES[i] == k) {
        count++;
        for (int j = 0; j < D; j++) {
          centre[j] += rows[i * D + j];
        }
      }
    }
    for (int j = 0; j < D; j++) {
      centre[j] /= count;
    }
    return centre;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < D; j++) {
      sum += Math.abs(a[j] - b[j]);
    }
    return sum / D;
  }

  @Test
  void centresAreTheMeansOfTheRowsOfAClass() {
    Tensor rows = rows(1);
    float[] centres = Ops.toFloats(classes(rows).centres());
    assertThat(Ops.toFloats(classes(rows).present())).containsExactly(1, 0, 1, 1, 0);
    for (int k : new int[] {0, 2, 3}) {
      double[] expected = centre(Ops.toFloats(rows), k);
      for (int j = 0; j < D; j++) {
        assertThat((double) centres[k * D + j]).isCloseTo(expected[j], CLOSE);
      }
    }
  }

  @Test
  void centreAlignmentSumsOverTheClassesInTheBatch() {
    Tensor c = rows(1);
    Tensor a = rows(2);
    double expected = 0;
    for (int k : new int[] {0, 2, 3}) {
      expected += distance(centre(Ops.toFloats(c), k), centre(Ops.toFloats(a), k));
    }
    Tensor loss = CentreAlignmentLoss.of(classes(c), classes(a));
    assertThat(value(loss)).isCloseTo(expected, CLOSE);
    assertThat(gradient(loss, c)).containsOnly(0f);
    assertThat(gradient(loss, a)).doesNotContain(0f);
  }

  @Test
  void interClassLossIsAHingeOverOrderedPairsOfTheClassesInTheBatch() {
    Tensor a = rows(2);
    float[] values = Ops.toFloats(a);
    double pairs =
        distance(centre(values, 0), centre(values, 2))
            + distance(centre(values, 0), centre(values, 3))
            + distance(centre(values, 2), centre(values, 3));
    // all three are nearer than 50: no hinge is shut, and each pair counts twice
    assertThat(value(new InterClassLoss(50).of(classes(a))))
        .isCloseTo(2 * (3 * 50 - pairs), within(1e-3));
    assertThat(value(new InterClassLoss(0).of(classes(a)))).isZero();
    double margin = distance(centre(values, 0), centre(values, 2));
    double shut = 0;
    for (int[] pair : new int[][] {{0, 2}, {0, 3}, {2, 3}}) {
      shut += 2 * Math.max(0, margin - distance(centre(values, pair[0]), centre(values, pair[1])));
    }
    assertThat(value(new InterClassLoss(margin).of(classes(a)))).isCloseTo(shut, CLOSE);
  }

  @Test
  void interClassLossPushesCentresApartAndIntraClassLossDrawsRowsIn() {
    Tensor a = rows(2);
    float[] before = Ops.toFloats(a);
    float[] moved = before.clone();
    float[] inter = gradient(new InterClassLoss(50).of(classes(a)), a);
    float[] drawn = before.clone();
    float[] intra = gradient(IntraClassLoss.of(classes(a)), a);
    for (int i = 0; i < moved.length; i++) {
      moved[i] -= .01f * inter[i];
      drawn[i] -= .01f * intra[i];
    }
    assertThat(pairDistances(moved)).isGreaterThan(pairDistances(before));
    Tensor nearer = Ops.floats(drawn, CLASSES.length, D);
    assertThat(value(IntraClassLoss.of(classes(nearer))))
        .isLessThan(value(IntraClassLoss.of(classes(a))));
  }

  private static double pairDistances(float[] rows) {
    return distance(centre(rows, 0), centre(rows, 2))
        + distance(centre(rows, 0), centre(rows, 3))
        + distance(centre(rows, 2), centre(rows, 3));
  }

  @Test
  void intraClassLossIsTheMeanDistanceToTheOwnCentreSummedOverClasses() {
    Tensor a = rows(2);
    float[] values = Ops.toFloats(a);
    double expected = 0;
    for (int k : new int[] {0, 2, 3}) {
      double sum = 0;
      int count = 0;
      for (int i = 0; i < CLASSES.length; i++) {
        if (CLASSES[i] == k) {
          double[] row = new double[D];
          for (int j = 0; j < D; j++) {
            row[j] = values[i * D + j];
          }
          sum += distance(row, centre(values, k));
          count++;
        }
      }
      expected += sum / count;
    }
    assertThat(value(IntraClassLoss.of(classes(a)))).isCloseTo(expected, CLOSE);
  }
}

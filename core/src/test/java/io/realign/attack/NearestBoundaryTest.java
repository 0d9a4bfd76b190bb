package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.target.LinearTarget;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Attacks that look for the smallest change, on a linear target, where it is known: the gap of two
 * logits over the dual norm of the difference of their weights.
 */
@ExtendWith(OneCore.class)
class NearestBoundaryTest {

  private static final int SIDE = 6;
  private static final int PIXELS = 3 * SIDE * SIDE;
  private static final int CLASSES = 4;

  private final double[][] weight = new double[CLASSES][PIXELS];
  private final double[] bias = new double[CLASSES];
  private final LinearTarget target;
  private final Tensor images = Seed.of(1).uniform(.4, .6, 12, 3, SIDE, SIDE);
  private final Tensor labels;

  NearestBoundaryTest() {
    SplittableRandom random = new SplittableRandom(4);
    for (int k = 0; k < CLASSES; k++) {
      for (int i = 0; i < PIXELS; i++) {
        weight[k][i] = random.nextGaussian();
        bias[k] -= .5 * weight[k][i];
      }
    }
    target = LinearTarget.of(weight, bias, SIDE);
    labels = target.forward(images).logits().argmax(new LongOptional(1), false);
  }

  /** The distance of each image to the nearest boundary, in plain Java. */
  private double[] known(Norm norm) {
    float[] x = Ops.toFloats(images);
    long[] y = Ops.toLongs(labels);
    double[] known = new double[y.length];
    for (int n = 0; n < known.length; n++) {
      known[n] = Double.POSITIVE_INFINITY;
      for (int k = 0; k < CLASSES; k++) {
        double gap = bias[(int) y[n]] - bias[k];
        double dual = 0;
        for (int i = 0; i < PIXELS; i++) {
          double difference = weight[(int) y[n]][i] - weight[k][i];
          gap += difference * x[n * PIXELS + i];
          dual += norm == Norm.L2 ? difference * difference : Math.abs(difference);
        }
        if (k != y[n]) {
          known[n] = Math.min(known[n], gap / (norm == Norm.L2 ? Math.sqrt(dual) : dual));
        }
      }
    }
    return known;
  }

  /** No further than {@code most} times as far as need be, and {@code slack} for finite steps. */
  private void check(Norm norm, Tensor found, double most, double slack) {
    Tensor told = target.forward(found).logits().argmax(new LongOptional(1), false);
    assertThat(told.eq(labels).sum().item_int()).as("images that fool nobody").isZero();
    float[] away = Ops.toFloats(new Ball(norm, 1).distances(found, images));
    double[] known = known(norm);
    for (int i = 0; i < away.length; i++) {
      assertThat((double) away[i])
          .as("image %d of %s", i, known[i])
          .isBetween(.999 * known[i], most * known[i] + slack);
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void deepFoolIsItsOvershootAway(Norm norm) {
    DeepFool attack = new DeepFool(norm, 1, 50, 10, .02, 1);
    check(norm, attack.nearest(target, images, labels, Seed.of(2)), 1.04, 3e-4);
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void fabComesVeryNear(Norm norm) {
    Fab attack = new Fab(norm, 1, 30, 1, 0, 1);
    check(norm, attack.perturb(target, images, labels, Seed.of(2)), 1.06, 1e-4);
    Fab targeted = new Fab(norm, 1, 30, 1, 9, 1);
    Tensor found = targeted.perturb(target, images, labels, Seed.of(2));
    Tensor told = target.forward(found).logits().argmax(new LongOptional(1), false);
    assertThat(told.eq(labels).sum().item_int()).isZero();
  }

  @Test
  void carliniWagnerComesVeryNear() {
    CarliniWagner attack = new CarliniWagner("cw-l2", 1, 9, 500, .001, 1e-3, 0, 1);
    check(Norm.L2, attack.nearest(target, images, labels, Seed.of(2)), 1.03, .01);
  }

  @Test
  void carliniWagnerComesNearInLinf() {
    CarliniWagnerLinf attack = new CarliniWagnerLinf(.1, 30, 50, .002, 5, .9, 1);
    check(Norm.LINF, attack.nearest(target, images, labels, Seed.of(2)), 1.2, .005);
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void hopSkipJumpComesNearFromDecisionsAlone(Norm norm) {
    HopSkipJump attack = new HopSkipJump(norm, 10, 30, 100, 10_000);
    check(
        norm,
        attack.nearest(target, images, labels, Seed.of(2)),
        norm == Norm.L2 ? 1.15 : 1.9,
        1e-3);
  }

  /** At the boundary itself the rounding of another batch would decide. */
  @ParameterizedTest
  @EnumSource(Norm.class)
  void hopSkipJumpStopsClearOfTheBoundary(Norm norm) {
    HopSkipJump attack = new HopSkipJump(norm, 10, 4, 100, 10_000);
    Tensor found = attack.nearest(target, images, labels, Seed.of(2));
    Tensor nearer = images.add(Ops.scale(found.sub(images), 1 / 1.0005));
    boolean[] right = Survivors.right(target.forward(nearer).logits(), labels);
    assertThat(right).doesNotContain(true);
  }

  /** Against bisection over λ, coordinate by coordinate, with images at the edge of the box. */
  @ParameterizedTest
  @EnumSource(Norm.class)
  void theProjectionIsTheSmallestInTheBox(Norm norm) {
    SplittableRandom random = new SplittableRandom(7);
    int rows = 40;
    int size = 9;
    float[] x = new float[rows * size];
    float[] w = new float[rows * size];
    float[] b = new float[rows];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.clamp((float) random.nextDouble(-.3, 1.3), 0, 1);
      w[i] = i % 11 == 0 ? 0 : (float) random.nextGaussian();
    }
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < size; i++) {
        b[r] += w[r * size + i] * (float) random.nextDouble();
      }
      b[r] += r % 10 == 0 ? 100 : 0; // out of reach
    }
    float[] found =
        Ops.toFloats(
            BoxProjection.of(
                norm, Ops.floats(x, rows, size), Ops.floats(w, rows, size), Ops.floats(b, rows)));
    for (int r = 0; r < rows; r++) {
      double[] expected = bisected(norm, x, w, b[r], r * size, size);
      for (int i = 0; i < size; i++) {
        assertThat((double) found[r * size + i])
            .as("row %d, coordinate %d", r, i)
            .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(2e-4));
      }
    }
  }

  private static double[] bisected(Norm norm, float[] x, float[] w, double b, int from, int size) {
    double gap = b;
    for (int i = 0; i < size; i++) {
      gap -= w[from + i] * x[from + i];
    }
    double[] change = new double[size];
    double low = 0;
    double high = 1e4;
    for (int halving = 0; halving < 200; halving++) {
      double lambda = (low + high) / 2;
      double reached = 0;
      for (int i = 0; i < size; i++) {
        double way = Math.signum(w[from + i]) * Math.signum(gap);
        double room = way > 0 ? 1 - x[from + i] : x[from + i];
        double step = norm == Norm.LINF ? lambda : lambda * Math.abs(w[from + i]);
        change[i] = way * Math.min(step, room);
        reached += Math.abs(w[from + i] * change[i]);
      }
      if (reached < Math.abs(gap)) {
        low = lambda;
      } else {
        high = lambda;
      }
    }
    return change;
  }
}

package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each value against its formula, pixel by pixel. */
class PixelObjectiveTest {

  private static final int CLASSES = 3;
  private static final int PIXELS = 4;
  private static final double DONE = .5;
  private static final long[] TRUTH = {0, 2, 1, -100, 1, 1, 0, 2};

  @ParameterizedTest
  @EnumSource
  void isItsFormula(PixelObjective.Kind kind) {
    try (Scope scope = Scope.open()) {
      Tensor logits = Seed.of(4).normal(2, 2, CLASSES, 2, 2);
      Tensor labels = Ops.longs(TRUTH, 2, 2, 2);
      float[] z = Ops.toFloats(logits);
      float[] found =
          Ops.toFloats(
              new PixelObjective(kind, labels, 0).at(DONE).of(new Outputs(logits, logits)));
      for (int image = 0; image < 2; image++) {
        double sum = 0;
        int known = 0;
        for (int pixel = 0; pixel < PIXELS; pixel++) {
          int y = (int) TRUTH[image * PIXELS + pixel];
          if (y >= 0) {
            double[] own = new double[CLASSES];
            for (int k = 0; k < CLASSES; k++) {
              own[k] = z[(image * CLASSES + k) * PIXELS + pixel];
            }
            sum += value(kind, own, y);
            known++;
          }
        }
        assertThat(found[image])
            .isCloseTo((float) (sum / known), org.assertj.core.api.Assertions.within(1e-5f));
      }
    }
  }

  private static double value(PixelObjective.Kind kind, double[] z, int y) {
    double all = 0;
    double other = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < z.length; k++) {
      all += Math.exp(z[k]);
      other = k == y ? other : Math.max(other, z[k]);
    }
    double[] p = new double[z.length];
    double length = 0;
    for (int k = 0; k < z.length; k++) {
      p[k] = Math.exp(z[k]) / all;
      length += p[k] * p[k];
    }
    double entropy = -Math.log(p[y]);
    boolean right = z[y] > other;
    double lambda = DONE / 2;
    return switch (kind) {
      case MARGIN -> -Math.max(z[y] - other, 0);
      case MASKED -> right ? entropy : 0;
      case BALANCED -> (right ? 1 - lambda : lambda) * entropy;
      case COSINE -> p[y] / Math.sqrt(length) * entropy;
      case JENSEN_SHANNON -> {
        double sum = 0;
        for (int k = 0; k < z.length; k++) {
          double truth = k == y ? 1 : 0;
          double mean = (p[k] + truth) / 2;
          sum += p[k] * Math.log(p[k] / mean) + (k == y ? Math.log(1 / mean) : 0);
        }
        yield sum / 2;
      }
    };
  }
}

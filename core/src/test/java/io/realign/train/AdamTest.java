package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.Goldens;
import io.realign.nn.StateDict;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class AdamTest {

  private static final float[][] GRADIENTS = {{.1f, -2, 0}, {.4f, 1, -.3f}, {-1, .2f, .2f}};
  private static final double[] RATES = {.1, .05, .05};

  private static Tensor weight() {
    return Ops.floats(new float[] {.5f, -1, 2}, 3).requires_grad_(true);
  }

  private static Adam adam(Tensor weight, double beta1, double beta2) {
    StateDict weights = new StateDict();
    weights.put("weight", weight);
    return new Adam(weights, name -> 1, beta1, beta2);
  }

  private static void step(Adam adam, int step) {
    adam.step(List.of(Ops.floats(GRADIENTS[step], 3)), RATES[step]);
  }

  /** With decays of .5 and .999 in that order: the other order gives other weights from step 2. */
  @Test
  void takesTheStepsThatPyTorchTakes() {
    Tensor weight = weight();
    Adam adam = adam(weight, .5, .999);
    for (int i = 0; i < 3; i++) {
      step(adam, i);
      assertThat(Ops.toFloats(weight))
          .containsExactly(Goldens.named("adam_" + (i + 1)), Offset.offset(1e-6f));
    }
    assertThat(weight.grad().defined()).isFalse();
  }

  /** m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), w ← w − lr·m̂ / (√v̂ + 1e-8). */
  @Test
  void followsItsFormula() {
    Tensor weight = weight();
    Adam adam = adam(weight, .3, .9);
    double[] w = {.5, -1, 2};
    double[] m = new double[3];
    double[] v = new double[3];
    for (int t = 1; t <= 3; t++) {
      step(adam, t - 1);
      float[] now = Ops.toFloats(weight);
      for (int j = 0; j < 3; j++) {
        double g = GRADIENTS[t - 1][j];
        m[j] = .3 * m[j] + .7 * g;
        v[j] = .9 * v[j] + .1 * g * g;
        double rise = m[j] / (1 - Math.pow(.3, t));
        double size = Math.sqrt(v[j] / (1 - Math.pow(.9, t))) + 1e-8;
        w[j] -= RATES[t - 1] * rise / size;
        assertThat((double) now[j]).isCloseTo(w[j], Offset.offset(1e-6));
      }
    }
  }

  @Test
  void goesOnFromItsStateBitByBit() {
    Tensor straight = weight();
    Adam adam = adam(straight, .5, .999);
    step(adam, 0);
    step(adam, 1);
    byte[] state = adam.state();
    Tensor resumed = Ops.floats(Ops.toFloats(straight), 3).requires_grad_(true);
    step(adam, 2);

    Adam other = adam(resumed, .5, .999);
    other.restore(state);
    step(other, 2);
    assertThat(Ops.toFloats(resumed)).isEqualTo(Ops.toFloats(straight));
  }

  @Test
  void givesEachTensorItsShareOfTheRate() {
    StateDict weights = new StateDict();
    for (String name : List.of("trunk.a", "head.b", "trunk.c")) {
      weights.put(name, weight());
    }
    Adam adam = new Adam(weights, name -> name.startsWith("trunk.") ? .1 : 1, .5, .999);
    Tensor gradient = Ops.floats(new float[] {1, 1, 1}, 3);
    adam.step(List.of(gradient, gradient, gradient), .2);
    assertThat(Ops.toFloats(weights.get("trunk.a"))[0]).isEqualTo(.48f, Offset.offset(1e-6f));
    assertThat(Ops.toFloats(weights.get("head.b"))[0]).isEqualTo(.3f, Offset.offset(1e-6f));
    assertThat(Ops.toFloats(weights.get("trunk.c"))[0]).isEqualTo(.48f, Offset.offset(1e-6f));
  }
}

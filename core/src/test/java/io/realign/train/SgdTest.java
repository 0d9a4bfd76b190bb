package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class SgdTest {

  private static Tensor weight(float value, long... shape) {
    return Ops.floats(new float[] {value}, shape).requires_grad_(true);
  }

  private static StateDict dict(String name, Tensor tensor) {
    StateDict dict = new StateDict();
    dict.put(name, tensor);
    return dict;
  }

  @Test
  void givesEachNameARateOfItsOwn() {
    StateDict weights = dict("backbone.w", weight(1, 1, 1));
    weights.put("head.w", weight(1, 1, 1));
    Sgd sgd = new Sgd(weights, name -> name.startsWith("backbone.") ? 1 : 10, 0, 0);
    Tensor one = Ops.floats(new float[] {1}, 1, 1);
    sgd.step(List.of(one, one), .01);
    assertThat(Ops.toFloats(weights.get("backbone.w"))).containsExactly(.99f);
    assertThat(Ops.toFloats(weights.get("head.w"))).containsExactly(.9f);
  }

  @Test
  void followsNesterovsFormula() {
    Tensor weight = weight(2, 1, 1);
    Sgd sgd = new Sgd(dict("w", weight), name -> 1, .9, .1);
    double w = 2;
    double v = 0;
    for (double gradient : new double[] {1, -.5, .25}) {
      sgd.step(List.of(Ops.floats(new float[] {(float) gradient}, 1, 1)), .01);
      double g = gradient + .1 * w;
      v = .9 * v + g;
      w -= .01 * (g + .9 * v);
    }
    assertThat((double) Ops.toFloats(weight)[0]).isCloseTo(w, within(1e-6));
  }

  @Test
  void leavesBiasesAndBatchNormWithoutDecay() {
    Tensor bias = weight(2, 1);
    new Sgd(dict("b", bias), name -> 1, .9, .1).step(List.of(Ops.floats(new float[] {0}, 1)), .01);
    assertThat(Ops.toFloats(bias)).containsExactly(2);
  }
}

package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class OpsTest {

  private static Tensor leaf(float... values) {
    return Ops.leaf(Ops.floats(values, values.length));
  }

  @Test
  void aWeightThatIsNotUsedHasTheGradientZero() {
    Tensor used = leaf(1, 2);
    Tensor unused = leaf(3, 4, 5);
    List<Tensor> gradients = Ops.gradients(used.mul(used).sum(), List.of(unused, used), false);
    assertThat(Ops.toFloats(gradients.get(0))).containsExactly(0, 0, 0);
    assertThat(Ops.toFloats(gradients.get(1))).containsExactly(2, 4);
    assertThat(used.grad().defined()).isFalse();
    assertThat(unused.grad().defined()).isFalse();
  }

  @Test
  void theGraphIsKeptOnRequest() {
    Tensor x = leaf(2);
    Tensor cube = x.mul(x).mul(x).sum();
    assertThat(Ops.toFloats(Ops.gradients(cube, List.of(x), true).getFirst())).containsExactly(12);
    assertThat(Ops.toFloats(Ops.gradient(cube, x))).containsExactly(12);
  }

  /**
   * An element of libtorch's vector dies with the vector: gradients must be tensors of their own.
   */
  @Test
  void gradientsOutliveTheScopeThatTheyWereKeptFrom() {
    List<Tensor> kept = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int n = 100 + i;
      try (Scope scope = Scope.open()) {
        Tensor x = Ops.leaf(Seed.of(i).uniform(1, 2, n));
        Ops.gradients(Ops.scale(x.sum(), i), List.of(x), true)
            .forEach(gradient -> kept.add(scope.keep(gradient)));
        kept.add(scope.keep(Ops.gradient(Ops.scale(x.sum(), i), x)));
      }
    }
    for (int i = 0; i < kept.size(); i++) {
      assertThat(Ops.toFloats(kept.get(i))).hasSize(100 + i / 2).containsOnly(i / 2);
    }
  }

  @Test
  void javaNumbersComeAndGoInRowMajorOrder() {
    Tensor x = Ops.floats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(Ops.shape(x)).containsExactly(2, 3);
    assertThat(Ops.toFloats(x.t())).containsExactly(1, 4, 2, 5, 3, 6);
    Tensor labels = Ops.longs(new long[] {2, 0}, 2);
    assertThat(Ops.toLongs(labels)).containsExactly(2, 0);
    assertThat(Ops.toFloats(Ops.oneHot(labels, 3))).containsExactly(0, 0, 1, 1, 0, 0);
    assertThat(Ops.toFloats(Ops.max(x, 1))).containsExactly(3, 6);
    assertThat(Ops.toFloats(Ops.clamp(x, 2, 4))).containsExactly(2, 2, 3, 4, 4, 4);
    assertThat(Ops.toFloats(Ops.affine(x, 2, -1))).containsExactly(1, 3, 5, 7, 9, 11);
  }

  @Test
  void aLeafIsACopyOutsideAnyGraph() {
    Tensor x = leaf(1, 2);
    Tensor copy = Ops.leaf(x.add(x));
    assertThat(copy.is_leaf()).isTrue();
    assertThat(copy.requires_grad()).isTrue();
    assertThat(Ops.toFloats(copy)).containsExactly(2, 4);
  }
}

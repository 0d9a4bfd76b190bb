package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import org.junit.jupiter.api.Test;

class NormalisationTest {

  @Test
  void subtractsTheMeanAndDividesByTheDeviation() {
    Normalisation normalisation =
        Normalisation.of(new double[] {.5, .25, 0}, new double[] {.5, .25, 2});
    assertThat(
            Ops.toFloats(
                normalisation
                    .layer(Compute.CPU)
                    .forward(Ops.floats(new float[] {1, 1, 1}, 1, 3, 1, 1))))
        .containsExactly(new float[] {1, 3, .5f}, within(1e-6f));
  }

  @Test
  void readsItsOwnText() {
    assertThat(Normalisation.parse(Normalisation.CIFAR10.text())).isEqualTo(Normalisation.CIFAR10);
  }

  @Test
  void refusesADeviationOfZero() {
    assertThatThrownBy(() -> Normalisation.of(new double[] {0, 0, 0}, new double[] {1, 0, 1}))
        .hasMessageContaining("positive");
  }
}

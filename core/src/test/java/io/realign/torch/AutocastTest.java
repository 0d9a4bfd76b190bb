package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class AutocastTest {

  private static final Compute BF16 = new Compute(Compute.Kind.CPU, Compute.Precision.BF16);

  private final Tensor image = Seed.of(1).uniform(0, 1, 1, 3, 8, 8);
  private final Tensor weight = Seed.of(2).normal(1, 4, 3, 3, 3).requires_grad_(true);

  private Tensor convolve() {
    return Convolutions.conv2d(image, weight, null, 1, 1, 1);
  }

  @Test
  void convolvesInBfloat16WithinAndInFloatAfterwards() {
    try (Autocast autocast = Autocast.open(BF16)) {
      assertThat(convolve().scalar_type().intern()).isEqualTo(torch.ScalarType.BFloat16);
    }
    assertThat(convolve().scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
  }

  @Test
  void leavesFloatAloneWhenTheComputeAsksForIt() {
    try (Autocast autocast = Autocast.open(Compute.CPU)) {
      assertThat(convolve().scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
    }
  }

  @Test
  void seesAnUpdateOfTheWeights() {
    try (Autocast autocast = Autocast.open(BF16)) {
      float before = Math.abs(Ops.toFloats(convolve())[9]);
      try (NoGradGuard guard = new NoGradGuard()) {
        weight.mul_(new Scalar(2.0));
      }
      assertThat(Math.abs(Ops.toFloats(convolve())[9])).isEqualTo(2 * before);
    }
  }

  @Test
  void nests() {
    try (Autocast outer = Autocast.open(BF16)) {
      try (Autocast inner = Autocast.open(Compute.CPU)) {
        assertThat(convolve().scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
      }
      assertThat(convolve().scalar_type().intern()).isEqualTo(torch.ScalarType.BFloat16);
    }
  }
}

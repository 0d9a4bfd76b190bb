package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.attack.Ball;
import io.realign.attack.Norm;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

final class EightBitTest {

  @Test
  void roundedImagesStayInTheBallAndOnTheGrid() {
    try (Scope scope = Scope.open()) {
      Tensor clean = Ops.scale(Seed.of(1).uniform(-.49, 255.49, 8, 3, 5, 5).round(), 1 / 255.0);
      for (double epsilon : new double[] {.031, 8 / 255.0, .002}) {
        Ball ball = new Ball(Norm.LINF, epsilon);
        Tensor rounded = EightBit.towards(ball.sample(clean, Seed.of(2)), clean);
        ball.verify("rounded", rounded, clean);
        for (float value : Ops.toFloats(rounded)) {
          assertThat(255.0 * value).isCloseTo(Math.round(255.0 * value), within(1e-4));
        }
      }
      Tensor full = Ops.clamp(Ops.shift(clean, 8 / 255.0), 0, 1);
      double mean = EightBit.towards(full, clean).sub(full).abs().max().item_double();
      assertThat(mean).isLessThan(1e-6); // whole levels are kept whole
    }
  }
}

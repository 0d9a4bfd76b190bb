package io.realign.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class DropoutTest {

  private final Params params = Params.create(Seed.of(1), Compute.CPU);
  private final Tensor ones = torch.ones(4, 50, 10, 10);

  private float[] dropped(Params at, long seed) {
    params.draws(Seed.of(seed));
    return Ops.toFloats(new Dropout(at, .1).forward(ones));
  }

  @Test
  void dropsAShareAndKeepsTheMean() {
    float[] values = dropped(params, 2);
    double zeros = IntStream.range(0, values.length).filter(i -> values[i] == 0).count();
    assertThat(zeros / values.length).isCloseTo(.1, within(.01));
    assertThat(values).containsOnly(0, (float) (1 / .9));
  }

  @Test
  void isAFunctionOfItsDrawsAndItsName() {
    assertThat(dropped(params, 2)).isEqualTo(dropped(params, 2)).isNotEqualTo(dropped(params, 3));
    assertThat(dropped(params.sub("other"), 2)).isNotEqualTo(dropped(params, 2));
  }

  @Test
  void doesNothingOutsideOfTraining() {
    params.training(false);
    assertThat(dropped(params, 2)).containsOnly(1);
  }

  @Test
  void refusesSharesThatAreNone() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Dropout(params, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Dropout(params, -.1));
  }
}

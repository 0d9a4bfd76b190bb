package io.realign.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class BatchNorm2dTest {

  private static final Offset<Float> CLOSE = within(1e-5f);

  private final Params params = Params.create(Seed.of(1), Compute.CPU);
  private final BatchNorm2d norm = BatchNorm2d.of(params, 1);
  private final Tensor x = Ops.floats(new float[] {1, 2, 3, 6}, 2, 1, 1, 2); // mean 3, variance 3.5

  @Test
  void normalisesByTheBatchInTraining() {
    float deviation = (float) Math.sqrt(3.5 + 1e-5);
    assertThat(Ops.toFloats(norm.forward(x)))
        .containsExactly(new float[] {-2 / deviation, -1 / deviation, 0, 3 / deviation}, CLOSE);
  }

  @Test
  void movesTheStoredStatisticsInTraining() {
    norm.forward(x);
    assertThat(Ops.toFloats(params.dict().get("running_mean"))[0]).isCloseTo(.3f, CLOSE);
    // the unbiased variance 14/3 enters
    assertThat(Ops.toFloats(params.dict().get("running_var"))[0])
        .isCloseTo(.9f + .1f * 14 / 3, CLOSE);
  }

  @Test
  void normalisesByTheStoredStatisticsOtherwiseAndLeavesThem() {
    params.training(false);
    float deviation = (float) Math.sqrt(1 + 1e-5);
    assertThat(Ops.toFloats(norm.forward(x)))
        .containsExactly(
            new float[] {1 / deviation, 2 / deviation, 3 / deviation, 6 / deviation}, CLOSE);
    assertThat(Ops.toFloats(params.dict().get("running_mean"))[0]).isZero();
  }

  @Test
  void namesItsTensorsAsPyTorchDoes() {
    assertThat(params.dict().names())
        .containsExactly("weight", "bias", "running_mean", "running_var");
    assertThat(params.count()).isEqualTo(2);
  }

  @Test
  void refusesAnEpsilonOfZero() {
    assertThatThrownBy(() -> BatchNorm2d.of(params.sub("other"), 1, 0, .1))
        .hasMessageContaining("epsilon");
  }
}

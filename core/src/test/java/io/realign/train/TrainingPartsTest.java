package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Schedule, moving average and checkpoint. */
@ExtendWith(OneCore.class)
class TrainingPartsTest {

  private static StateDict dict(float... values) {
    StateDict dict = new StateDict();
    dict.put("weight", Ops.floats(values, values.length));
    return dict;
  }

  @Test
  void theScheduleRisesStaysAndFallsToZero() {
    Schedule schedule = new Schedule(100, 10, .4);
    assertThat(schedule.factor(0)).isCloseTo(.1, within(1e-12));
    assertThat(schedule.factor(4)).isCloseTo(.5, within(1e-12));
    assertThat(schedule.factor(9)).isEqualTo(1);
    assertThat(schedule.factor(39)).isEqualTo(1);
    assertThat(schedule.factor(40)).isEqualTo(1);
    assertThat(schedule.factor(70)).isCloseTo(.5, within(1e-12));
    assertThat(schedule.factor(99)).isCloseTo(1 / 60.0, within(1e-12));
    assertThat(new Schedule(100, 0, 1).factor(99)).isEqualTo(1);
    assertThat(new Schedule(100, 0, 0).factor(0)).isEqualTo(1);
    assertThat(new Schedule(100, 0, 0).factor(75)).isCloseTo(.25, within(1e-12));
    // 100 epochs at the full rate, 100 of linear decay
    assertThat(new Schedule(200, 0, .5).factor(150)).isCloseTo(.5, within(1e-12));
    Schedule poly = new Schedule(100, 0, 0, .9);
    assertThat(poly.factor(0)).isEqualTo(1);
    assertThat(poly.factor(75)).isCloseTo(Math.pow(.25, .9), within(1e-12));
  }

  @Test
  void theMovingAverageForgetsTheStartAndThenDecaysAsTold() {
    StateDict average = dict(0);
    MovingAverage averaging = new MovingAverage(average, .9);
    averaging.update(dict(1), 1); // keeps 2/11 of the old
    double expected = 9 / 11.0;
    assertThat((double) Ops.toFloats(average.get("weight"))[0]).isCloseTo(expected, within(1e-6));
    averaging.update(dict(3), 1000); // keeps .9
    expected = .9 * expected + .1 * 3;
    assertThat((double) Ops.toFloats(average.get("weight"))[0]).isCloseTo(expected, within(1e-6));
    StateDict newest = dict(5);
    new MovingAverage(newest, 0).update(dict(7), 1);
    assertThat(Ops.toFloats(newest.get("weight"))).containsExactly(7);
  }

  @Test
  void aCheckpointComesBackBitByBit(@TempDir Path folder) {
    Path file = folder.resolve("checkpoint.safetensors");
    StateDict tensors = new StateDict();
    Checkpoint.add(tensors, "generator.", dict(1.5f, Float.MIN_VALUE, -0f));
    Checkpoint.add(tensors, "best.", dict(2));
    byte[] moments = {0, 1, -1, 127, -128};
    new Checkpoint(42, 12.25, Double.NaN, "print", tensors, Map.of("generator.", moments))
        .write(file);

    Checkpoint read = Checkpoint.read(file);
    assertThat(read.step()).isEqualTo(42);
    assertThat(read.seconds()).isEqualTo(12.25);
    assertThat(read.bestScore()).isNaN();
    assertThat(read.fingerprint()).isEqualTo("print");
    assertThat(read.optimisers()).containsOnlyKeys("generator.");
    assertThat(read.optimisers().get("generator.")).isEqualTo(moments);
    assertThat(read.tensors().names()).containsExactly("generator.weight", "best.weight");
    assertThat(Ops.toFloats(read.part("generator.").get("weight")))
        .isEqualTo(new float[] {1.5f, Float.MIN_VALUE, -0f});
  }

  @Test
  void aCheckpointIsNoOtherFile(@TempDir Path folder) {
    Path file = folder.resolve("weights.safetensors");
    Safetensors.write(file, dict(1), Map.of());
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Checkpoint.read(file))
        .withMessageContaining("weights.safetensors")
        .withMessageContaining("not a training checkpoint");
    Safetensors.write(
        file, dict(1), Map.of("format", "realign-checkpoint-1", "step", "many", "seconds", "1"));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Checkpoint.read(file))
        .withMessageContaining("many");
  }
}

package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which attack makes which image. */
@ExtendWith(OneCore.class)
class AttackMixTest {

  private static final TrainingAttack STRONG = new TrainingAttack("fgsm", .05, .05, 1, .7);
  private static final TrainingAttack WEAK = new TrainingAttack("fgsm", .01, .01, 1, .3);
  private static final int DRAWS = 600;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void anAttackHasItsShareOfBatchesOfAnySize(int batch) {
    AttackMix mix = new AttackMix(List.of(STRONG, WEAK));
    int side = TinyRun.target().imageSize();
    int strong = 0;
    int all = 0;
    for (int draw = 0; all < DRAWS; draw++) {
      try (Scope scope = Scope.open()) {
        Tensor images = Seed.of(8).child(draw).uniform(.4, .6, batch, 3, side, side);
        Tensor labels = Ops.longs(new long[batch], batch);
        Tensor moved =
            mix.perturb(TinyRun.target(), images, labels, Seed.of(9).child(draw)).sub(images);
        int here = 0;
        for (float most : Ops.toFloats(Ops.max(moved.abs().flatten(1, 3), 1))) {
          here += most > .03 ? 1 : 0;
        }
        assertThat(here).isBetween((int) (.7 * batch), (int) Math.ceil(.7 * batch));
        strong += here;
        all += batch;
      }
    }
    assertThat((double) strong / all).isBetween(.64, .76);
  }
}

package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.data.Dataset;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.io.InputException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no evaluation is made of. */
final class EvaluationPlanTest {

  private static final EvaluationPlan PLAN =
      Fixtures.plan(20, Optional.empty(), List.of(), EnumSet.of(Threat.OBLIVIOUS), false);

  private static EvaluationPlan plan(Dataset dataset, Threat threat) {
    return new EvaluationPlan(
        PLAN.target(),
        PLAN.targetSha256(),
        PLAN.defense(),
        Optional.empty(),
        PLAN.task(),
        dataset,
        PLAN.split(),
        PLAN.attacks(),
        EnumSet.of(threat),
        PLAN.settings(),
        PLAN.provenance());
  }

  @Test
  void aBlackBoxAttackerNeedsASurrogate() {
    assertThatThrownBy(() -> plan(PLAN.dataset(), Threat.BLACK_BOX))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--surrogate");
  }

  @Test
  void aTargetOfOtherClassesIsWrongInput() {
    assertThatThrownBy(() -> plan(Scenes.standard(32, Part.TEST), Threat.OBLIVIOUS))
        .isInstanceOf(InputException.class)
        .hasMessage("target channel-net tells 3 classes apart, dataset scenes has 10");
  }

  @ParameterizedTest
  @ValueSource(doubles = {.05, -.05, Double.NaN})
  void anAttackThatLeavesItsBallFailsTheRun(double by) {
    EvaluationPlan plan =
        Fixtures.plan(
            20,
            Optional.empty(),
            List.of(new Fixtures.Shift(.03, by)),
            EnumSet.of(Threat.OBLIVIOUS),
            false);
    assertThatThrownBy(() -> Fixtures.run(plan))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("shift");
  }

  @Test
  void anAttackThatLeavesTheRangeFailsTheRun() {
    EvaluationPlan plan =
        Fixtures.plan(
            20,
            Optional.empty(),
            List.of(new Fixtures.Shift(.9, .8)),
            EnumSet.of(Threat.OBLIVIOUS),
            false);
    assertThatThrownBy(() -> Fixtures.run(plan))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("left [0,1]");
  }
}

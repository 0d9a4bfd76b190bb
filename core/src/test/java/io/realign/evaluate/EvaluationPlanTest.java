package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void aBlackBoxAttackerNeedsASurrogate() {
    EvaluationPlan plan =
        Fixtures.plan(20, Optional.empty(), List.of(), EnumSet.of(Threat.OBLIVIOUS), false);
    assertThatThrownBy(
            () ->
                new EvaluationPlan(
                    plan.target(),
                    plan.targetSha256(),
                    plan.defense(),
                    Optional.empty(),
                    plan.task(),
                    plan.dataset(),
                    plan.split(),
                    plan.attacks(),
                    EnumSet.of(Threat.BLACK_BOX),
                    plan.settings(),
                    plan.provenance()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--surrogate");
  }

  @Test
  void aTargetOfOtherClassesIsWrongInput() {
    EvaluationPlan plan =
        Fixtures.plan(20, Optional.empty(), List.of(), EnumSet.of(Threat.OBLIVIOUS), false);
    assertThatThrownBy(
            () ->
                new EvaluationPlan(
                    plan.target(),
                    plan.targetSha256(),
                    plan.defense(),
                    plan.surrogate(),
                    plan.task(),
                    Scenes.standard(32, Part.TEST),
                    plan.split(),
                    plan.attacks(),
                    plan.threats(),
                    plan.settings(),
                    plan.provenance()))
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

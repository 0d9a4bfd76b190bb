package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The published constants, and what happens to bad ones. */
class AttackConstantsTest {

  private static AttackSettings epsilon(double epsilon) {
    return settings(OptionalDouble.of(epsilon), OptionalDouble.empty(), OptionalInt.empty());
  }

  private static AttackSettings settings(
      OptionalDouble epsilon, OptionalDouble stepSize, OptionalInt steps) {
    return new AttackSettings(
        Optional.empty(), epsilon, stepSize, steps, OptionalInt.empty(), OptionalInt.empty());
  }

  private static AttackSettings norm(Norm norm) {
    return new AttackSettings(
        Optional.of(norm),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  @Test
  void areThePublishedOnesUnlessTheUserSaysOtherwise() {
    assertThat(Attacks.names())
        .containsExactly(
            "apgd-ce",
            "apgd-dlr",
            "apgd-t",
            "autoattack",
            "autoattack-plus",
            "autoattack-rand",
            "bim",
            "cls",
            "cls+loc",
            "cospgd",
            "cw-l2",
            "cw-l2-clip",
            "cw-linf",
            "dag",
            "deepfool",
            "di-fgsm",
            "fab",
            "fab-t",
            "fgsm",
            "hopskipjump",
            "loc",
            "margin",
            "mi-fgsm",
            "pgd",
            "pgd-kl",
            "sea",
            "seg-cw",
            "seg-deepfool",
            "seg-js",
            "seg-masked",
            "segpgd",
            "square",
            "ti-fgsm");
    assertThat(Attacks.named("pgd", AttackSettings.DEFAULTS))
        .isEqualTo(Pgd.standard())
        .isEqualTo(new Pgd(Norm.LINF, .031, .0075, 8, 1));
    assertThat(Attacks.named("pgd-kl", AttackSettings.DEFAULTS))
        .isEqualTo(PgdKl.standard())
        .isEqualTo(new PgdKl(Norm.LINF, .031, .0175, 4, 1));
    assertThat(Attacks.named("bim", AttackSettings.DEFAULTS))
        .isEqualTo(Bim.standard())
        .isEqualTo(new Bim(Norm.LINF, .031, .0075, 8, 1));
    assertThat(Attacks.named("margin", AttackSettings.DEFAULTS))
        .isEqualTo(Margin.standard())
        .isEqualTo(new Margin(Norm.LINF, .031, .0075, 8, 1));
    assertThat(Attacks.named("fgsm", AttackSettings.DEFAULTS))
        .isEqualTo(Fgsm.standard())
        .isEqualTo(new Fgsm(Norm.LINF, .031));
  }

  @Test
  void scaleTheStepWithRadiusAndNumberOfStepsUnlessItIsGiven() {
    Pgd more = (Pgd) Attacks.named("pgd", settings(none(), none(), OptionalInt.of(20)));
    assertThat(more.stepSize()).isCloseTo(.0075 * 8 / 20, within(1e-12));
    assertThat(more.epsilon()).isEqualTo(.031);

    Pgd smaller = (Pgd) Attacks.named("pgd", epsilon(2 / 255.0));
    assertThat(smaller.stepSize()).isCloseTo(.0075 / .031 * 2 / 255, within(1e-12));
    assertThat(smaller.steps()).isEqualTo(8);

    Pgd given =
        (Pgd)
            Attacks.named(
                "pgd", settings(OptionalDouble.of(.1), OptionalDouble.of(.02), OptionalInt.of(3)));
    assertThat(given).isEqualTo(new Pgd(Norm.LINF, .1, .02, 3, 1));
  }

  @Test
  void takeHalfAsRadiusInL2() {
    PgdKl kl = (PgdKl) Attacks.named("pgd-kl", norm(Norm.L2));
    assertThat(kl.epsilon()).isEqualTo(.5);
    assertThat(kl.stepSize()).isCloseTo(.5 * .0175 / .031, within(1e-12));
    assertThat(Attacks.named("fgsm", norm(Norm.L2))).isEqualTo(new Fgsm(Norm.L2, .5));
    assertThat(Attacks.named("fgsm", norm(Norm.LINF))).isEqualTo(Fgsm.standard());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-.031, 0, Double.NaN, Double.POSITIVE_INFINITY})
  void nameABadRadiusOrStep(double bad) {
    for (String name : Attacks.names()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Attacks.named(name, epsilon(bad)))
          .withMessageContaining("epsilon")
          .withMessageContaining(Double.toString(bad))
          .withMessageNotContaining("\n");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Attacks.named("bim", settings(none(), OptionalDouble.of(bad), OptionalInt.empty())))
        .withMessageContaining("step size")
        .withMessageContaining(Double.toString(bad));
  }

  @Test
  void nameABadNumberOfStepsOrRestarts() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Attacks.named("pgd", settings(none(), none(), OptionalInt.of(0))))
        .withMessage("steps must be at least 1, not 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Margin(Norm.LINF, .1, .1, 1, -1))
        .withMessage("restarts must be at least 1, not -1");
  }

  @Test
  void nameAnUnknownAttackAndTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Attacks.named("pdg", AttackSettings.DEFAULTS))
        .withMessageStartingWith("unknown attack 'pdg': one of apgd-ce, ")
        .withMessageEndingWith("square, ti-fgsm");
  }

  @Test
  void appearInTheReportedParameters() {
    assertThat(Pgd.standard().parameters())
        .containsEntry("norm", "linf")
        .containsEntry("epsilon", .031)
        .containsEntry("step_size", .0075)
        .containsEntry("steps", 8)
        .containsEntry("restarts", 1);
    assertThat(Fgsm.standard().parameters()).containsOnlyKeys("norm", "epsilon", "draws");
  }

  @Test
  void aBallTellsWhichImageLeftItOrTheRange() {
    Tensor clean = Seed.of(1).uniform(.3, .7, 3, 3, 4, 4);
    float[] values = Ops.toFloats(clean);
    values[2 * 48 + 5] += .0312f;
    Tensor moved = Ops.floats(values, 3, 3, 4, 4);
    new Ball(Norm.LINF, .032).verify("pgd", moved, clean);
    assertThatIllegalStateException()
        .isThrownBy(() -> new Ball(Norm.LINF, .031).verify("pgd", moved, clean))
        .withMessageContainingAll("pgd", "image 2", "0.0312", "0.031");
    assertThatIllegalStateException()
        .isThrownBy(() -> new Ball(Norm.L2, .031).verify("pgd", moved, clean))
        .withMessageContainingAll("image 2", "L2");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                new Ball(Norm.LINF, 1)
                    .verify("pgd", Ops.floats(new float[] {1.01f}, 1, 1, 1, 1), unit()))
        .withMessageContaining("left [0,1]");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                new Ball(Norm.LINF, 1)
                    .verify("pgd", Ops.floats(new float[] {Float.NaN}, 1, 1, 1, 1), unit()))
        .withMessageContaining("left its ball");
  }

  private static Tensor unit() {
    return Ops.floats(new float[] {.9f}, 1, 1, 1, 1);
  }

  private static OptionalDouble none() {
    return OptionalDouble.empty();
  }
}

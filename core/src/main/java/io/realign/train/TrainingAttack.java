package io.realign.train;

import io.realign.attack.Attack;
import io.realign.attack.AttackSettings;
import io.realign.attack.Attacks;
import io.realign.attack.Norm;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * An attack that makes x_a during training, and its share of each batch.
 *
 * @param name as on the command line
 * @param epsilon radius in L∞, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param share its share of the images of a batch, in (0,1]
 */
public record TrainingAttack(
    String name, double epsilon, double stepSize, int steps, double share) {

  /** Checks the constants. */
  public TrainingAttack {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the share of attack " + name + " must be in (0,1], not " + share);
    }
  }

  /** The paper's: PGD-KL, ε .031, α .0175, 4 steps, on all images. */
  public static TrainingAttack published() {
    return new TrainingAttack("pgd-kl", .031, .0175, 4, 1);
  }

  /** The attack itself. */
  public Attack attack() {
    return Attacks.named(
        name,
        new AttackSettings(
            Optional.of(Norm.LINF),
            OptionalDouble.of(epsilon),
            OptionalDouble.of(stepSize),
            OptionalInt.of(steps),
            OptionalInt.empty(),
            OptionalInt.empty()));
  }
}

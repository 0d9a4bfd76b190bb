package io.realign.attack;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a user sets of an attack's constants; the rest keeps the attack's defaults.
 *
 * @param norm the norm
 * @param epsilon the radius, > 0
 * @param stepSize the length of a step, > 0
 * @param steps the number of steps, or of questions for an attack that asks, ≥ 1
 * @param restarts the number of runs, ≥ 1
 * @param draws times that a randomised target is asked at each point, ≥ 1
 */
public record AttackSettings(
    Optional<Norm> norm,
    OptionalDouble epsilon,
    OptionalDouble stepSize,
    OptionalInt steps,
    OptionalInt restarts,
    OptionalInt draws) {

  /** Nothing set. */
  public static final AttackSettings DEFAULTS =
      new AttackSettings(
          Optional.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty());

  /** The radius that an L2 attack takes when none is given: RobustBench's for CIFAR-10. */
  public static final double L2_EPSILON = .5;

  Norm norm(Norm otherwise) {
    return norm.orElse(otherwise);
  }

  /**
   * Refuses another norm than the attack's only one.
   *
   * @throws IllegalArgumentException that names both
   */
  void only(Norm its, String attack) {
    if (norm.isPresent() && norm.get() != its) {
      throw new IllegalArgumentException(
          "%s is an attack in %s, not in %s".formatted(attack, lower(its), lower(norm.get())));
    }
  }

  private static String lower(Norm norm) {
    return norm.name().toLowerCase(Locale.ROOT);
  }

  double epsilon(double otherwise) {
    return epsilon.orElse(norm(Norm.LINF) == Norm.L2 ? L2_EPSILON : otherwise);
  }

  /**
   * The given step; else the default one, scaled where ε, the norm or the number of steps is not
   * the default.
   */
  double stepSize(double otherwise, double defaultEpsilon, int defaultSteps) {
    double reach =
        otherwise * defaultSteps / defaultEpsilon; // how often the steps cross the radius
    return stepSize.orElse(reach * epsilon(defaultEpsilon) / steps(defaultSteps));
  }

  int steps(int otherwise) {
    return steps.orElse(otherwise);
  }

  int restarts(int otherwise) {
    return restarts.orElse(otherwise);
  }

  int draws(int otherwise) {
    return draws.orElse(otherwise);
  }
}

package io.realign.serve;

import io.realign.attack.Attack;
import io.realign.attack.AttackSettings;
import io.realign.attack.Attacks;
import io.realign.attack.Norm;
import io.realign.task.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The attacks that the page offers: those whose cost is their steps, in L∞.
 *
 * @param maxSteps of an attack
 */
record Playground(int maxSteps) {

  /** The largest radius, in units of the [0,1] range. */
  static final double MAX_EPSILON = .25;

  private static final List<String> NAMES =
      List.of(
          "pgd", "bim", "fgsm", "pgd-kl", "margin", "segpgd", "cospgd", "cls+loc", "cls", "loc");

  /** What a page must know to offer them for a task. */
  Map<String, Object> of(Task task) {
    Map<String, Object> offer = new LinkedHashMap<>();
    offer.put("attacks", names(task));
    offer.put("maxSteps", maxSteps);
    offer.put("maxEpsilon", MAX_EPSILON);
    return offer;
  }

  private static List<String> names(Task task) {
    return NAMES.stream()
        .filter(name -> Attacks.named(name, AttackSettings.DEFAULTS).suits(task))
        .toList();
  }

  /** So many steps, or as many as are allowed. */
  int atMost(int steps) {
    return Math.min(steps, maxSteps);
  }

  /**
   * An attack.
   *
   * @throws Problem 400 for one that is not offered for the task, or constants out of range
   */
  Attack attack(String name, double epsilon, int steps, Task task) {
    if (!names(task).contains(name)) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST,
          "attack is one of %s, not '%s'".formatted(String.join(", ", names(task)), name));
    }
    if (!(epsilon > 0 && epsilon <= MAX_EPSILON)) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST,
          "epsilon is above 0 and at most %s, not %s".formatted(MAX_EPSILON, epsilon));
    }
    if (steps < 1 || steps > maxSteps) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST, "steps is 1 to %d, not %d".formatted(maxSteps, steps));
    }
    return Attacks.named(
        name,
        new AttackSettings(
            Optional.of(Norm.LINF),
            OptionalDouble.of(epsilon),
            OptionalDouble.empty(),
            OptionalInt.of(steps),
            OptionalInt.empty(),
            OptionalInt.empty()));
  }
}

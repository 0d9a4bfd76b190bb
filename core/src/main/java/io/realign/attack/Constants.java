package io.realign.attack;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the constants of all attacks have in common. */
final class Constants {

  private Constants() {}

  /**
   * Checks a ball and positive counts.
   *
   * @throws IllegalArgumentException that names the constant
   */
  static void check(Norm norm, double epsilon, int steps, int restarts, int draws) {
    positive("steps", steps);
    positive("restarts", restarts);
    positive("draws", draws);
    new Ball(norm, epsilon);
  }

  static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, not " + value);
    }
  }

  static void positive(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }

  /** Norm and radius for a report. */
  static Map<String, Object> of(Norm norm, double epsilon) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("norm", norm.name().toLowerCase(Locale.ROOT));
    values.put("epsilon", epsilon);
    return values;
  }
}

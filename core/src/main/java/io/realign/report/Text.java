package io.realign.report;

import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.evaluate.Result.AttackCell;
import io.realign.evaluate.Threat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** How figures, attacks and threats are spelt, the same in every output and every locale. */
final class Text {

  static final String OBLIVIOUS = "oblivious";
  static final String ADAPTIVE = "adaptive";
  static final String BLACK_BOX = "black-box";

  private static final List<String> PROPER = List.of("AutoAttack", "DeepFool", "HopSkipJump");

  private Text() {}

  /** {@code accuracy → Accuracy}, but mIoU as it is. */
  static String capital(String word) {
    boolean plain = word.chars().allMatch(Character::isLowerCase);
    return plain && !word.isEmpty()
        ? word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1)
        : word;
  }

  /** {@code 0.6031 → "60.3 %"}. */
  static String percent(double proportion) {
    return fixed(100 * proportion, 1) + " %";
  }

  /** {@code [0.572, 0.633] → "57.2–63.3"}, in per cent. */
  static String range(Interval interval) {
    return fixed(100 * interval.low(), 1) + "–" + fixed(100 * interval.high(), 1);
  }

  static String fixed(double value, int decimals) {
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.startsWith("-") && text.chars().allMatch(c -> "-0.".indexOf(c) >= 0)
        ? text.substring(1) // −0.0
        : text;
  }

  /** A difference of proportions in points, with its sign. */
  static String points(double difference) {
    String text = fixed(100 * difference, 1);
    return text.startsWith("-") ? "−" + text.substring(1) : "+" + text;
  }

  /** {@code 12345 → "12,345"}. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** What the draws of a randomised defense say beside the figure: {@code "majority 71.0"}. */
  static Optional<String> draws(Result result) {
    return Optional.ofNullable(result.draws())
        .map(
            draws ->
                "majority of %d: %s".formatted(draws.count(), fixed(100 * draws.majority(), 1)));
  }

  static String threat(Threat threat) {
    return switch (threat) {
      case OBLIVIOUS -> OBLIVIOUS;
      case ADAPTIVE -> ADAPTIVE;
      case BLACK_BOX -> BLACK_BOX;
    };
  }

  /** {@code pgd-kl → PGD-KL}, {@code margin → Margin}. */
  static String attack(String name) {
    if (name.matches("(fgsm|bim|pgd|cw|apgd|fab|mi|di|ti)(-.*)?")) {
      return name.toUpperCase(Locale.ROOT);
    }
    for (String proper : PROPER) {
      if (name.startsWith(proper.toLowerCase(Locale.ROOT))) {
        return proper + name.substring(proper.length());
      }
    }
    return name.isEmpty()
        ? name
        : name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
  }

  /** The constants that tell attacks apart at a glance: {@code "ε 0.031, 8 steps"}. */
  static String budget(AttackCell attack) {
    List<String> parts = new ArrayList<>();
    if ("l2".equalsIgnoreCase(String.valueOf(attack.parameters().get("norm")))) {
      parts.add("L2");
    }
    Object epsilon = attack.parameters().get("epsilon");
    if (epsilon != null) {
      parts.add("ε\u00a0" + radius(epsilon));
    }
    Object steps = attack.parameters().get("steps");
    if (steps != null) {
      parts.add(number(steps) + "\u00a0step" + ("1".equals(number(steps)) ? "" : "s"));
    }
    return String.join(", ", parts);
  }

  /** Every constant in the order of its name: {@code "epsilon 0.031, steps 8"}. */
  static String parameters(AttackCell attack) {
    List<String> parts = new ArrayList<>();
    new TreeMap<>(attack.parameters()).forEach((k, v) -> parts.add(k + " " + number(v)));
    return String.join(", ", parts);
  }

  /** A radius as a number of grey levels, if it is one: {@code 0.0313725… → 8/255}. */
  private static String radius(Object epsilon) {
    if (epsilon instanceof Number n) {
      double levels = 255 * n.doubleValue();
      if (Math.abs(levels - Math.rint(levels)) < 1e-6 && levels < 255) {
        return fixed(levels, 0) + "/255";
      }
    }
    return number(epsilon);
  }

  /** A number without needless digits, {@code 0.031f → 0.031}, {@code 8.0 → 8}. */
  static String number(Object value) {
    String text = String.valueOf(value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** Escapes for HTML text and double-quoted attributes. */
  static String html(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}

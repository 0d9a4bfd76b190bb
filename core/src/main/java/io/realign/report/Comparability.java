package io.realign.report;

import io.realign.evaluate.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/** What must be equal for figures to be comparable. */
final class Comparability {

  private Comparability() {}

  static List<String> warnings(Map<String, List<Result>> runs) {
    List<String> warnings = new ArrayList<>();
    differ(warnings, "task", runs, r -> r.task());
    differ(warnings, "data", runs, r -> r.dataset() + " " + r.split());
    differ(warnings, "target", runs, r -> r.target());
    differ(warnings, "target weights", runs, r -> abbreviate(String.valueOf(r.weights().target())));
    differ(warnings, "metrics", runs, r -> r.metric());
    differ(warnings, "n", runs, r -> Text.count(r.n()));
    TreeSet<String> attacks = new TreeSet<>();
    runs.values()
        .forEach(
            results ->
                results.forEach(r -> attacks.add(r.attack() == null ? "" : r.attack().name())));
    attacks.remove("");
    for (String attack : attacks) {
      differ(
          warnings,
          "constants of " + attack,
          runs,
          r ->
              r.attack() != null && r.attack().name().equals(attack)
                  ? Text.parameters(r.attack())
                  : "");
    }
    return warnings;
  }

  private static void differ(
      List<String> warnings,
      String what,
      Map<String, List<Result>> runs,
      Function<Result, String> aspect) {
    Map<String, TreeSet<String>> byRun = new LinkedHashMap<>();
    runs.forEach(
        (run, results) -> {
          TreeSet<String> values = new TreeSet<>();
          results.forEach(r -> values.add(aspect.apply(r)));
          values.remove("");
          byRun.put(run, values);
        });
    if (byRun.values().stream().distinct().count() > 1) {
      List<String> parts = new ArrayList<>();
      byRun.forEach(
          (run, values) ->
              parts.add(run + ": " + (values.isEmpty() ? "none" : String.join(" and ", values))));
      warnings.add("not comparable, " + what + " differ – " + String.join("; ", parts));
    }
  }

  private static String abbreviate(String hash) {
    return hash.length() > 12 ? hash.substring(0, 12) : hash;
  }
}

package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Result.AttackCell;
import io.realign.evaluate.Threat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Results as a table: a row per defense, the undefended target first; a column for clean images,
 * then one per attack and threat.
 */
record ResultMatrix(List<Attack> attacks, List<Threat> threats, List<Row> rows) {

  /** What the figures are: {@code accuracy} where there are none. */
  String metric() {
    return rows.stream()
        .flatMap(row -> row.cells().values().stream())
        .map(Result::metric)
        .findFirst()
        .orElse("accuracy");
  }

  /** A group of columns. */
  record Attack(String key, AttackCell cell) {}

  /** One defense (empty: the undefended target) of one run (empty: the only one). */
  record Row(String run, Optional<String> defense, Map<String, Result> cells) {

    Optional<Result> clean() {
      return Optional.ofNullable(cells.get(""));
    }

    /**
     * The cell of an attack and threat; without a defense there is nothing to know, so either
     * threat's record stands for both.
     */
    Optional<Result> cell(Attack attack, Threat threat) {
      Result exact = cells.get(key(attack.key(), Optional.of(threat)));
      if (exact != null || defense.isPresent()) {
        return Optional.ofNullable(exact);
      }
      return cells.entrySet().stream()
          .filter(entry -> entry.getKey().startsWith(attack.key() + "\n"))
          .map(Map.Entry::getValue)
          .findFirst();
    }

    /** Whether the cells of both threats are one. */
    boolean sameForEveryThreat(Attack attack, List<Threat> threats) {
      return defense.isEmpty()
          && threats.stream().map(threat -> cell(attack, threat)).distinct().count() <= 1;
    }

    String name() {
      return defense.orElse("none");
    }
  }

  /** The results of one run; attacks that differ in a constant have columns of their own. */
  static ResultMatrix of(List<Result> results) {
    Map<String, List<Result>> runs = new LinkedHashMap<>();
    runs.put("", results);
    return of(runs, cell -> cell.name() + " " + Text.parameters(ofTheAttackItself(cell)));
  }

  /** Without the surrogate, which belongs to the threat: all threats share the attack's column. */
  private static AttackCell ofTheAttackItself(AttackCell cell) {
    Map<String, Object> parameters = new LinkedHashMap<>(cell.parameters());
    parameters.remove("surrogate");
    return new AttackCell(cell.name(), parameters);
  }

  /** Several runs; attacks of one name share a column. */
  static ResultMatrix ofRuns(Map<String, List<Result>> runs) {
    return of(runs, AttackCell::name);
  }

  private static ResultMatrix of(
      Map<String, List<Result>> runs, Function<AttackCell, String> identity) {
    Map<String, AttackCell> attacks = new LinkedHashMap<>();
    Set<Threat> threats = new LinkedHashSet<>();
    List<Row> rows = new ArrayList<>();
    runs.forEach(
        (run, results) -> {
          Map<String, Row> byDefense = new LinkedHashMap<>();
          for (boolean undefended : new boolean[] {true, false}) {
            for (Result result : results) {
              if (result.defense() == null != undefended) {
                continue;
              }
              String key = "";
              if (result.attack() != null) {
                String attack = identity.apply(result.attack());
                attacks.putIfAbsent(attack, result.attack());
                key = key(attack, Optional.ofNullable(result.threat()));
              }
              if (result.threat() != null) {
                threats.add(result.threat());
              }
              byDefense
                  .computeIfAbsent(
                      undefended ? "" : "d" + result.defense(),
                      k ->
                          new Row(
                              run, Optional.ofNullable(result.defense()), new LinkedHashMap<>()))
                  .cells()
                  .put(key, result);
            }
          }
          rows.addAll(byDefense.values());
        });
    List<Threat> ordered = new ArrayList<>(threats);
    ordered.sort(null); // as declared: oblivious, adaptive
    if (ordered.isEmpty() && !attacks.isEmpty()) {
      ordered.add(Threat.OBLIVIOUS);
    }
    List<Attack> columns = new ArrayList<>();
    attacks.forEach((key, cell) -> columns.add(new Attack(key, cell)));
    return new ResultMatrix(columns, ordered, rows);
  }

  private static String key(String attack, Optional<Threat> threat) {
    return attack + "\n" + threat.map(Text::threat).orElse("");
  }
}

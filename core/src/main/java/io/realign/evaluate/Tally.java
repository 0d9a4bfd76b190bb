package io.realign.evaluate;

import io.realign.attack.Attack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts of right answers by cell, and the records that come of them. */
final class Tally {

  /** A cell; without attack and threat it is that of the clean images. */
  private record Key(boolean defended, Optional<Attack> attack, Optional<Threat> threat) {}

  private static final class Count {
    long right;
    long nanos;
  }

  private final EvaluationPlan plan;
  private final Map<Key, Count> counts = new LinkedHashMap<>();

  Tally(EvaluationPlan plan) {
    this.plan = plan;
  }

  void addClean(boolean defended, long right, long nanos) {
    add(new Key(defended, Optional.empty(), Optional.empty()), right, nanos);
  }

  void add(boolean defended, Attack attack, Threat threat, long right, long nanos) {
    add(new Key(defended, Optional.of(attack), Optional.of(threat)), right, nanos);
  }

  private void add(Key key, long right, long nanos) {
    Count count = counts.computeIfAbsent(key, k -> new Count());
    count.right += right;
    count.nanos += nanos;
  }

  /** One record a cell, the undefended first, clean before attacked. */
  List<Result> results() {
    List<Result> results = new ArrayList<>();
    for (boolean defended : new boolean[] {false, true}) {
      counts.forEach(
          (key, count) -> {
            if (key.defended() == defended) {
              results.add(record(key, count));
            }
          });
    }
    return results;
  }

  private Result record(Key key, Count count) {
    long n = plan.dataset().size();
    Optional<Defense> defense = key.defended() ? plan.defense() : Optional.empty();
    return new Result(
        plan.task().name(),
        plan.dataset().name(),
        plan.split(),
        plan.target().name(),
        defense.map(Defense::name).orElse(null),
        key.attack().map(attack -> cell(attack, key.threat())).orElse(null),
        key.threat().orElse(null),
        plan.task().metric(),
        (double) count.right / n,
        n,
        Interval.wilson(count.right, n),
        count.nanos / 1e9,
        plan.provenance(),
        new Result.Weights(plan.targetSha256(), defense.map(Defense::sha256).orElse(null)));
  }

  private Result.AttackCell cell(Attack attack, Optional<Threat> threat) {
    Result.AttackCell cell = cell(attack, plan.settings().round8());
    if (threat.isEmpty() || threat.get() != Threat.BLACK_BOX) {
      return cell;
    }
    Map<String, Object> parameters = new LinkedHashMap<>(cell.parameters());
    plan.surrogate().ifPresent(surrogate -> parameters.put("surrogate", surrogate.name()));
    return new Result.AttackCell(cell.name(), parameters);
  }

  /** An attack's name and constants, and whether its images were rounded. */
  static Result.AttackCell cell(Attack attack, boolean round8) {
    Map<String, Object> parameters = new LinkedHashMap<>(attack.parameters());
    if (round8) {
      parameters.put("round8", true);
    }
    return new Result.AttackCell(attack.name(), parameters);
  }
}

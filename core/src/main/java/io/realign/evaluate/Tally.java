package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.data.Batch;
import io.realign.task.Finding;
import io.realign.task.Judgement;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What became of each image by cell, and the records that come of it. */
final class Tally {

  /** A cell; without attack and threat it is that of the clean images. */
  private record Key(boolean defended, Optional<Attack> attack, Optional<Threat> threat) {}

  private static final class Count {
    final List<SampleOutcome> samples = new ArrayList<>();
    final List<Judgement> judgements = new ArrayList<>();
    long nanos;
  }

  private final EvaluationPlan plan;
  private final Map<Key, Count> counts = new LinkedHashMap<>();

  Tally(EvaluationPlan plan) {
    this.plan = plan;
  }

  /** Adds some clean images, scored. */
  void addClean(
      boolean defended, List<Batch> batches, List<Tensor> labels, List<Scored> scored, long nanos) {
    List<float[]> none = batches.stream().map(batch -> new float[batch.size()]).toList();
    Key key = new Key(defended, Optional.empty(), Optional.empty());
    add(key, batches, labels, scored, none, nanos);
  }

  /**
   * Adds some attacked images, scored.
   *
   * @param changes how far each is from its clean image
   */
  void add(
      boolean defended,
      Attack attack,
      Threat threat,
      List<Batch> batches,
      List<Tensor> labels,
      List<Scored> scored,
      List<float[]> changes,
      long nanos) {
    Key key = new Key(defended, Optional.of(attack), Optional.of(threat));
    add(key, batches, labels, scored, changes, nanos);
  }

  private void add(
      Key key,
      List<Batch> batches,
      List<Tensor> labels,
      List<Scored> scored,
      List<float[]> changes,
      long nanos) {
    Count count = counts.computeIfAbsent(key, k -> new Count());
    count.nanos += nanos;
    String defense = key.defended() ? plan.defense().map(Defense::name).orElse(null) : null;
    for (int b = 0; b < batches.size(); b++) {
      Batch batch = batches.get(b);
      Tensor predicted = scored.get(b).predicted();
      List<Judgement> judged = plan.task().judge(predicted, labels.get(b));
      List<Finding> found = plan.task().findings(predicted);
      count.judgements.addAll(judged);
      float[] rates = Ops.toFloats(scored.get(b).rate());
      for (int row = 0; row < batch.size(); row++) {
        count.samples.add(
            new SampleOutcome(
                batch.indices()[row],
                batch.annotations().get(row).label(),
                defense,
                key.attack().map(Attack::name).orElse(null),
                key.threat().orElse(null),
                found.get(row) instanceof Finding.OneClass one ? one.label() : null,
                judged.get(row).value(),
                rates[row],
                changes.get(b)[row]));
      }
    }
  }

  /** What became of each image, cell by cell in the order of the records. */
  List<SampleOutcome> samples() {
    List<SampleOutcome> samples = new ArrayList<>();
    for (boolean defended : new boolean[] {false, true}) {
      counts.forEach(
          (key, count) -> {
            if (key.defended() == defended) {
              samples.addAll(count.samples);
            }
          });
    }
    return samples;
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
        plan.task().score(count.judgements),
        n,
        Interval.of(plan.task(), count.judgements),
        draws(key, count, n),
        count.nanos / 1e9,
        plan.provenance(),
        new Result.Weights(plan.targetSha256(), defense.map(Defense::sha256).orElse(null)),
        classes(count.judgements));
  }

  private List<Result.ClassFigure> classes(List<Judgement> judgements) {
    List<String> names = plan.task().classes(plan.dataset());
    return plan.task().byClass(judgements).stream()
        .map(
            score ->
                new Result.ClassFigure(
                    score.label() < names.size()
                        ? names.get(score.label())
                        : Integer.toString(score.label()),
                    score.value(),
                    score.images()))
        .toList();
  }

  private Result.@Nullable Draws draws(Key key, Count count, long n) {
    if (!plan.randomised(key.defended())) {
      return null;
    }
    double mean = count.samples.stream().mapToDouble(SampleOutcome::rate).sum() / n;
    long majority = count.samples.stream().filter(sample -> sample.rate() > .5).count();
    return new Result.Draws(plan.settings().draws(), (double) majority / n, mean);
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

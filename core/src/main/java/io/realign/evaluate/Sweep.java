package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.Norm;
import io.realign.attack.Pgd;
import io.realign.data.Subset;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * PGD on cross-entropy over a range of radii, and over a range of steps: where accuracy does not
 * fall to 0 with the radius, or not with the steps, the attack has missed something (Carlini et
 * al., 2019, arXiv 1902.06705). The step is 2.5 times the radius over the number of steps (Madry et
 * al., 2018, arXiv 1706.06083), and at most the radius.
 *
 * @param plan whose target, defense, data and threats are taken; its attacks are not
 * @param images the first of the data that are attacked, ≥ 1
 */
public record Sweep(EvaluationPlan plan, int images) {

  /** The radii in L∞, in 255ths. */
  public static final List<Integer> RADII = List.of(1, 2, 4, 6, 8, 12, 16, 24, 32);

  /** The numbers of steps. */
  public static final List<Integer> STEPS = List.of(1, 2, 5, 10, 20, 50, 100);

  /** The steps of each radius. */
  public static final int USUAL_STEPS = 20;

  /** The radius of each number of steps. */
  public static final double USUAL_RADIUS = 8 / 255.0;

  private static final double REACH = 2.5;

  /** Every attack, each once: first the radii, then the steps. */
  public static List<Pgd> attacks() {
    DoubleStream radii = RADII.stream().mapToDouble(shades -> shades / 255.0);
    IntStream steps = STEPS.stream().mapToInt(Integer::intValue);
    List<Pgd> attacks = new ArrayList<>();
    radii.forEach(radius -> attacks.add(pgd(radius, USUAL_STEPS)));
    steps.filter(n -> n != USUAL_STEPS).forEach(n -> attacks.add(pgd(USUAL_RADIUS, n)));
    return attacks;
  }

  private static Pgd pgd(double radius, int steps) {
    return new Pgd(Norm.LINF, radius, Math.min(radius, REACH * radius / steps), steps, 1);
  }

  /**
   * Runs it.
   *
   * @param kept where the images of an attack are kept, for an evaluation that is stopped
   * @param stop asked between batches whether to give up
   * @return the records of each attack, the clean ones once and first; empty if it was stopped
   */
  public Optional<List<Result>> run(
      Function<Pgd, AttackedImages> kept, Evaluator.Progress progress, BooleanSupplier stop) {
    List<Result> results = new ArrayList<>();
    List<Pgd> attacks = attacks();
    for (int i = 0; i < attacks.size(); i++) {
      Evaluator evaluator = new Evaluator(with(attacks.get(i)));
      Optional<Evaluation> found;
      try (Workers workers = Workers.forJobs(evaluator.batches())) {
        int before = i;
        found =
            evaluator.run(
                workers,
                kept.apply(attacks.get(i)),
                (done, total) -> progress.advanced(before * total + done, attacks.size() * total),
                stop);
      }
      if (found.isEmpty()) {
        return Optional.empty();
      }
      boolean first = i == 0;
      found.get().results().stream()
          .filter(result -> first || result.attack() != null)
          .map(result -> result.withClasses(List.of())) // of a curve's points nobody asks them
          .forEach(results::add);
    }
    return Optional.of(results);
  }

  private EvaluationPlan with(Attack attack) {
    var some = Subset.first(plan.dataset(), images);
    EvaluationPlan.Settings settings = plan.settings();
    int batch = Math.max(1, Math.min(settings.batch(), (some.size() + 1) / 2)); // for two workers
    Set<Threat> threats = EnumSet.copyOf(plan.threats());
    threats.remove(Threat.BLACK_BOX);
    if (threats.isEmpty()) {
      threats.add(Threat.OBLIVIOUS);
    }
    return new EvaluationPlan(
        plan.target(),
        plan.targetSha256(),
        plan.defense(),
        Optional.empty(),
        plan.task(),
        some,
        plan.split(),
        List.of(attack),
        threats,
        new EvaluationPlan.Settings(batch, settings.draws(), settings.round8(), settings.compute()),
        plan.provenance());
  }
}

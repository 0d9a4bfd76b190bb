package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.Ball;
import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Loader;
import io.realign.defense.Defended;
import io.realign.target.ReducedPrecision;
import io.realign.target.Target;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * Target × attack × defense × threat: how many images each attack leaves right.
 *
 * <ul>
 *   <li>oblivious: x_a is made from gradients of the target alone, and scored by the target and by
 *       the defended target;
 *   <li>adaptive: x_a is made from gradients of the defended target, and scored by it. Without a
 *       defense there is nothing more to know, so the figure is the oblivious one;
 *   <li>black-box: x_a is made from gradients of the surrogate, and scored by the target and by the
 *       defended target.
 * </ul>
 *
 * <p>Every attacked image is checked against ball and range before it is scored. Batches are
 * attacked beside each other; the figures depend on seed and batch size, not on the workers. An
 * attack draws the same under both threats, so their figures differ by what it knows alone. Where
 * only the attacked net is asked about an image, the attack ends with the first point that fools
 * it. The seconds of a record are those of making and of scoring its images.
 *
 * <pre>{@code
 * try (Workers workers = Workers.forJobs(evaluator.batches())) {
 *   Optional<Evaluation> found =
 *       evaluator.run(workers, AttackedImages.NONE, Evaluator.Progress.NONE, () -> false);
 * }
 * }</pre>
 */
public final class Evaluator {

  /** Is told how an evaluation gets on. */
  @FunctionalInterface
  public interface Progress {

    /** Listens to nothing. */
    Progress NONE = (done, total) -> {};

    /**
     * Some more is done; called on the thread that evaluates.
     *
     * @param done units so far; a unit is one set of images of one batch, attacked and scored
     * @param total units in all
     */
    void advanced(long done, long total);
  }

  /** Whose gradients make an attack's images, and under which threats they count. */
  private record Cell(Attack attack, Target sees, Threat threat) {}

  private final EvaluationPlan plan;
  private final Target target;
  private final Optional<Target> defended;
  private final Scoring scoring;
  private final Seed seed;
  private final Loader loader;
  private final List<Cell> cells = new ArrayList<>();

  /** An evaluation that has yet to run. */
  public Evaluator(EvaluationPlan plan) {
    this.plan = plan;
    this.target = plan.target();
    this.defended = plan.defense().map(defense -> new Defended(plan.target(), defense.purifier()));
    this.scoring = new Scoring(plan.target(), plan.task(), plan.settings().draws());
    this.seed = Seed.of(plan.provenance().seed());
    this.loader =
        new Loader(
            plan.dataset(),
            Loader.Options.evaluation(plan.settings().batch()),
            seed.child("order"));
    Compute compute = plan.settings().compute();
    for (Attack attack : plan.attacks()) {
      cells.add(new Cell(attack, ReducedPrecision.of(target, compute), Threat.OBLIVIOUS));
      if (plan.threats().contains(Threat.ADAPTIVE)) {
        defended.ifPresent(
            sees ->
                cells.add(new Cell(attack, ReducedPrecision.of(sees, compute), Threat.ADAPTIVE)));
      }
      if (plan.threats().contains(Threat.BLACK_BOX)) {
        plan.surrogate()
            .ifPresent(
                sees ->
                    cells.add(
                        new Cell(attack, ReducedPrecision.of(sees, compute), Threat.BLACK_BOX)));
      }
    }
  }

  /** The number of batches: as many jobs can run beside each other. */
  public int batches() {
    return loader.batches();
  }

  /**
   * Runs it.
   *
   * @param kept takes attacked images, and gives back those of an evaluation that was stopped
   * @param stop asked between batches whether to give up
   * @return empty if it was stopped
   * @throws IllegalStateException if an attack left its ball or [0,1]
   */
  public Optional<Evaluation> run(
      Workers workers, AttackedImages kept, Progress progress, BooleanSupplier stop) {
    Tally tally = new Tally(plan);
    Showcase showcase = new Showcase(plan, shownThreat());
    long total = (long) batches() * (cells.size() + (defended.isPresent() ? 2 : 1));
    long done = 0;
    try (Batches loaded = loader.epoch(0)) {
      for (int from = 0; from < batches(); ) {
        if (stop.getAsBoolean()) {
          return Optional.empty();
        }
        try (Scope scope = Scope.open()) {
          Group group = Group.load(loaded, Math.min(workers.count(), batches() - from), plan);
          Map<ImageState, List<Scored>> shown = new LinkedHashMap<>();
          Runner runner = new Runner(workers, group, from, tally, kept);
          shown.put(ImageState.CLEAN, runner.clean(Optional.empty()));
          progress.advanced(done += group.size(), total);
          if (plan.defense().isPresent()) {
            shown.put(ImageState.REPAIRED_CLEAN, runner.clean(plan.defense()));
            progress.advanced(done += group.size(), total);
          }
          for (Cell cell : cells) {
            if (stop.getAsBoolean()) {
              return Optional.empty();
            }
            runner.attacked(cell, shown);
            progress.advanced(done += group.size(), total);
          }
          showcase.add(group.batches(), group.labels(), shown);
          from += group.size();
        }
      }
    }
    return Optional.of(
        new Evaluation(
            tally.results(),
            tally.samples(),
            showcase.shown(),
            showcase.examples(),
            showcase.features()));
  }

  /** Everything that the images of a cell depend on. */
  private String dependencies(Cell cell) {
    String defense =
        cell.threat() == Threat.ADAPTIVE
            ? plan.defense().map(d -> d.name() + d.sha256()).orElse("")
            : "";
    return String.join(
        "\n",
        plan.provenance().commit(),
        plan.targetSha256(),
        cell.sees().name(),
        defense,
        plan.dataset().name(),
        plan.split(),
        Integer.toString(plan.dataset().size()),
        Long.toString(plan.provenance().seed()),
        Integer.toString(plan.settings().batch()),
        Boolean.toString(plan.settings().round8()),
        plan.settings().compute().toString(),
        cell.attack().name() + cell.attack().parameters());
  }

  private Threat shownThreat() {
    return plan.threats().iterator().next(); // in the order of their declaration
  }

  private boolean isShown(Cell cell) {
    Threat wanted =
        shownThreat() == Threat.ADAPTIVE && defended.isEmpty() ? Threat.OBLIVIOUS : shownThreat();
    return cell.attack() == plan.attacks().getFirst() && cell.threat() == wanted;
  }

  /** The batches that are worked on at once. */
  private record Group(List<Batch> batches, List<Tensor> images, List<Tensor> labels) {

    static Group load(Batches loaded, int size, EvaluationPlan plan) {
      Compute compute = plan.settings().compute();
      Group group = new Group(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (int i = 0; i < size; i++) {
        Batch batch = loaded.next();
        group.batches().add(batch);
        group.images().add(compute.place(batch.images()));
        group.labels().add(compute.place(plan.task().labels(batch)));
      }
      return group;
    }

    int size() {
      return batches.size();
    }
  }

  /** Runs the cells of one group and adds up what they find. */
  private final class Runner {

    private final Workers workers;
    private final Group group;
    private final int first;
    private final Tally tally;
    private final AttackedImages kept;
    private long nanos; // of the images scored last: making and scoring them

    Runner(Workers workers, Group group, int first, Tally tally, AttackedImages kept) {
      this.kept = kept;
      this.workers = workers;
      this.group = group;
      this.first = first;
      this.tally = tally;
    }

    List<Scored> clean(Optional<Defense> defense) {
      long start = System.nanoTime();
      List<Scored> scored = score(defense, group.images());
      tally.addClean(
          defense.isPresent(), group.batches(), group.labels(), scored, System.nanoTime() - start);
      return scored;
    }

    /** Makes a cell's images and scores them by whom it concerns. */
    void attacked(Cell cell, Map<ImageState, List<Scored>> shown) {
      try (Scope scope = Scope.open()) {
        long start = System.nanoTime();
        List<Tensor> images = attack(cell);
        long making = System.nanoTime() - start;
        Ball ball = new Ball(cell.attack().norm(), cell.attack().epsilon());
        List<float[]> changes = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
          changes.add(Ops.toFloats(ball.distances(images.get(i), group.images().get(i))));
        }
        boolean show = isShown(cell);
        Threat threat = cell.threat();
        if (threat != Threat.ADAPTIVE || show) {
          List<Scored> bare = timed(Optional.empty(), images, making);
          if (threat == Threat.OBLIVIOUS) { // without a defense there is nothing more to know
            plan.threats().stream()
                .filter(each -> each != Threat.BLACK_BOX)
                .forEach(each -> count(false, cell, each, bare, changes));
          } else if (threat == Threat.BLACK_BOX) {
            count(false, cell, threat, bare, changes);
          }
          if (show) {
            shown.put(ImageState.ATTACKED, kept(scope, bare));
          }
        }
        if (defended.isPresent() && plan.threats().contains(threat)) {
          List<Scored> repaired = timed(plan.defense(), images, making);
          count(true, cell, threat, repaired, changes);
          if (show) {
            shown.put(ImageState.REPAIRED, kept(scope, repaired));
          }
        }
      }
    }

    private List<Scored> timed(Optional<Defense> defense, List<Tensor> images, long making) {
      long start = System.nanoTime();
      List<Scored> scored = score(defense, images);
      nanos = making + System.nanoTime() - start;
      return scored;
    }

    private void count(
        boolean withDefense, Cell cell, Threat threat, List<Scored> scored, List<float[]> changes) {
      tally.add(
          withDefense,
          cell.attack(),
          threat,
          group.batches(),
          group.labels(),
          scored,
          changes,
          nanos);
    }

    private List<Tensor> attack(Cell cell) {
      Attack attack = cell.attack();
      Seed draws = seed.child(attack.name()); // the same for all threats: they differ in no draw
      Ball ball = new Ball(attack.norm(), attack.epsilon());
      return map(
              i -> {
                Tensor clean = group.images().get(i);
                Optional<Tensor> made =
                    kept.read(attack.name(), cell.threat(), first + i, dependencies(cell));
                Tensor attacked =
                    made.map(plan.settings().compute()::place)
                        .orElseGet(() -> perturbed(cell, i, draws.child((long) first + i)));
                ball.verify(attack.name(), attacked, clean);
                if (made.isEmpty()) {
                  kept.write(attack.name(), cell.threat(), first + i, dependencies(cell), attacked);
                }
                return List.of(attacked);
              })
          .stream()
          .map(List::getFirst)
          .toList();
    }

    private Tensor perturbed(Cell cell, int i, Seed draws) {
      Tensor clean = group.images().get(i);
      Tensor labels = group.labels().get(i);
      Tensor attacked =
          ends(cell)
              ? cell.attack().fool(cell.sees(), clean, labels, draws)
              : cell.attack().perturb(cell.sees(), clean, labels, draws);
      return plan.settings().round8() ? EightBit.towards(attacked, clean) : attacked;
    }

    /** Whether the images are scored by the attacked net alone, as the attack leaves them. */
    private boolean ends(Cell cell) {
      boolean itself =
          cell.threat() == Threat.ADAPTIVE
              || (cell.threat() == Threat.OBLIVIOUS && defended.isEmpty());
      boolean asAttacked =
          !cell.sees().randomised()
              && !plan.settings().round8()
              && !(cell.sees() instanceof ReducedPrecision);
      return itself && asAttacked;
    }

    private List<Scored> score(Optional<Defense> defense, List<Tensor> images) {
      Seed draws = seed.child("scored");
      return map(
              i ->
                  scoring
                      .score(
                          defense,
                          images.get(i),
                          group.labels().get(i),
                          draws.child((long) first + i))
                      .tensors())
          .stream()
          .map(Scored::of)
          .toList();
    }

    private List<List<Tensor>> map(IntFunction<List<Tensor>> job) {
      return workers.map(group.size(), job);
    }

    private static List<Scored> kept(Scope scope, List<Scored> scored) {
      scored.forEach(part -> part.tensors().forEach(scope::keep));
      return scored;
    }
  }
}

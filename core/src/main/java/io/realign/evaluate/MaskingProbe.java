package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.AutoPgd;
import io.realign.attack.Fgsm;
import io.realign.attack.Norm;
import io.realign.attack.Pgd;
import io.realign.attack.Square;
import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.data.Subset;
import io.realign.defense.Defended;
import io.realign.target.Target;
import io.realign.task.Judgement;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Looks for the signs of gradient masking on a sample of images. It trusts nothing that a target
 * says of itself.
 *
 * <p>What attacks leave is measured in the task's own metric. Auto-PGD and an attack by scores
 * alone are tried where an image has one class.
 *
 * @param target what attackers with full knowledge attack: the defended target
 * @param task the target's, with the metric that figures are told in
 * @param elsewhere another net whose images are tried: the undefended target or a surrogate
 * @param epsilon radius in L∞, in units of the [0,1] range
 * @param seed of all draws
 */
public record MaskingProbe(
    Target target, Task task, Optional<Target> elsewhere, double epsilon, Seed seed) {

  /** In the target's own metric. */
  public MaskingProbe(Target target, Optional<Target> elsewhere, double epsilon, Seed seed) {
    this(target, target.task(), elsewhere, epsilon, seed);
  }

  private static final double USUAL_EPSILON = .031;
  private static final int AT_ONCE = 50;
  private static final int STEPS = 20;
  private static final int UNBOUNDED_STEPS = 60;
  private static final int QUERIES = 300;
  private static final double OTHER = 1e-4; // of outputs of length 1, as in AutoAttack's check
  private static final double ROUNDING = 1e-5;
  private static final double FEW = .01; // a share of the images that may be chance

  /** What has become of the images. */
  private enum State {
    CLEAN,
    ONE_STEP,
    STEPS,
    UNBOUNDED,
    ELSEWHERE,
    GRADIENTS,
    SCORES
  }

  /** What some images say. */
  private static final class Found {
    long images;
    double difference; // the largest
    long probabilities;
    long withoutGradient;
    final Map<State, List<Judgement>> judged = new EnumMap<>(State.class);

    Found add(Found other) {
      images += other.images;
      difference = Math.max(difference, other.difference);
      probabilities += other.probabilities;
      withoutGradient += other.withoutGradient;
      other.judged.forEach(
          (state, more) -> judged.computeIfAbsent(state, s -> new ArrayList<>()).addAll(more));
      return this;
    }
  }

  /**
   * Probes the target of a plan through its defense, at ε .031.
   *
   * @param images how many of the plan's first images are looked at, ≥ 1
   */
  public static List<MaskingSign> of(EvaluationPlan plan, int images, Evaluator.Progress progress) {
    Dataset some = Subset.first(plan.dataset(), images);
    Target bare = plan.target();
    Target seen = plan.defense().<Target>map(d -> new Defended(bare, d.purifier())).orElse(bare);
    Optional<Target> elsewhere = plan.surrogate().or(() -> plan.defense().map(d -> bare));
    Compute compute = plan.settings().compute();
    Seed draws = Seed.of(plan.provenance().seed()).child("masking");
    List<Tensor> shown = new ArrayList<>();
    List<Tensor> labels = new ArrayList<>();
    int most = Math.min(AT_ONCE, plan.settings().batch());
    int size = Math.clamp((some.size() + 1) / 2, 1, most); // for two workers
    try (Scope scope = Scope.open();
        Batches batches = new Loader(some, Loader.Options.evaluation(size), draws).epoch(0)) {
      while (batches.hasNext()) {
        Batch next = batches.next();
        shown.add(compute.place(next.images()));
        labels.add(compute.place(plan.task().labels(next)));
      }
      try (Workers workers = Workers.forJobs(shown.size())) {
        return new MaskingProbe(seen, plan.task(), elsewhere, USUAL_EPSILON, draws)
            .run(workers, shown, labels, progress);
      }
    }
  }

  /**
   * Probes.
   *
   * @param images batches {@code [N,3,H,W]} in [0,1]
   * @param labels of each batch, of the target's task
   * @return every sign that suits the task, raised or not, in the order of their kinds
   */
  public List<MaskingSign> run(
      Workers workers, List<Tensor> images, List<Tensor> labels, Evaluator.Progress progress) {
    Found[] found = new Found[images.size()];
    AtomicLong done = new AtomicLong();
    long total = images.size() * states();
    Runnable advance =
        () -> {
          synchronized (progress) {
            progress.advanced(done.incrementAndGet(), total);
          }
        };
    try (Scope scope = Scope.open()) {
      workers.map(
          images.size(),
          i -> {
            found[i] = batch(images.get(i), labels.get(i), seed.child(i), advance);
            return List.of();
          });
    }
    return signs(Arrays.stream(found).reduce(new Found(), Found::add));
  }

  private long states() {
    long others = elsewhere.isPresent() ? 1 : 0;
    return 4 + others + (scored() ? 2 : 0);
  }

  private Found batch(Tensor images, Tensor labels, Seed draws, Runnable advance) {
    Found found = new Found();
    found.images = images.size(0);
    Tensor once = outputs(images, draws.child("once")).logits();
    Tensor again = outputs(images, draws.child("again")).logits();
    found.difference = difference(once, again);
    found.probabilities = probabilities(once);
    found.withoutGradient = withoutGradient(images, labels, draws);
    Pgd pgd = new Pgd(Norm.LINF, epsilon, epsilon / 8, STEPS, 1);
    Pgd unbounded = new Pgd(Norm.LINF, 1, 1.0 / 30, UNBOUNDED_STEPS, 1);
    SequencedMap<State, Supplier<Tensor>> attacks = new LinkedHashMap<>();
    attacks.put(State.CLEAN, () -> images);
    attacks.put(State.ONE_STEP, () -> attack(new Fgsm(Norm.LINF, epsilon), images, labels, draws));
    attacks.put(State.STEPS, () -> attack(pgd, images, labels, draws));
    attacks.put(State.UNBOUNDED, () -> attack(unbounded, images, labels, draws));
    elsewhere.ifPresent(
        other ->
            attacks.put(
                State.ELSEWHERE,
                () -> pgd.perturb(other, images, labels, draws.child("transfer"))));
    attacks.forEach(
        (state, attacked) -> {
          try (Scope scope = Scope.open()) {
            found.judged.put(state, judged(attacked.get(), labels, draws.child(state.name())));
          }
          advance.run();
        });
    if (scored()) {
      scores(found, images, labels, draws, advance);
    }
    return found;
  }

  /** What Auto-PGD leaves, and what random squares leave of that. */
  private void scores(Found found, Tensor images, Tensor labels, Seed draws, Runnable advance) {
    Tensor attacked = attack(gradients(), images, labels, draws);
    List<Judgement> after = judged(attacked, labels, draws.child(State.GRADIENTS.name()));
    found.judged.put(State.GRADIENTS, after);
    advance.run();
    long[] rows =
        IntStream.range(0, after.size())
            .filter(i -> after.get(i).value() > 0)
            .asLongStream()
            .toArray();
    List<Judgement> left = new ArrayList<>(after);
    if (rows.length > 0) {
      Tensor index = Ops.rows(rows, images);
      Tensor mine = labels.index_select(0, index);
      Tensor moved = attack(squares(), images.index_select(0, index), mine, draws);
      List<Judgement> now = judged(moved, mine, draws.child(State.SCORES.name()));
      for (int i = 0; i < rows.length; i++) {
        left.set((int) rows[i], now.get(i));
      }
    }
    found.judged.put(State.SCORES, left);
    advance.run();
  }

  private AutoPgd gradients() {
    return new AutoPgd(Norm.LINF, epsilon, AutoPgd.Loss.CE, 2 * STEPS, 1, 1);
  }

  private Square squares() {
    return new Square(Norm.LINF, epsilon, QUERIES, 1, .8, 1, false);
  }

  /** Whether both attacks that are compared here suit the task. */
  private boolean scored() {
    return gradients().suits(task) && squares().suits(task);
  }

  private Outputs outputs(Tensor images, Seed draws) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return target.drawn(draws).forward(images);
    }
  }

  private Tensor attack(Attack attack, Tensor images, Tensor labels, Seed draws) {
    return attack.perturb(target, images, labels, draws.child(attack.name()));
  }

  private List<Judgement> judged(Tensor images, Tensor labels, Seed draws) {
    return task.judge(task.predictions(outputs(images, draws)), labels);
  }

  /** The largest distance of two answers, each brought to length 1. */
  private static double difference(Tensor once, Tensor again) {
    return unit(once).sub(unit(again)).pow(new Scalar(2.0)).sum(1).sqrt().max().item_double();
  }

  /** {@code [N,…]} as rows of length 1. */
  private static Tensor unit(Tensor logits) {
    Tensor flat = logits.flatten(1, -1);
    Tensor length = flat.pow(new Scalar(2.0)).sum(1).sqrt().clamp_min(new Scalar(1e-12));
    return flat.div(length.unsqueeze(1));
  }

  /** Of how many images all answers lie in [0,1] and add up to 1 over the classes. */
  private static long probabilities(Tensor logits) {
    int classes = logits.dim() == 3 ? 2 : 1; // a detector's come last
    Tensor inside =
        logits
            .ge(new Scalar(-ROUNDING))
            .logical_and(logits.le(new Scalar(1 + ROUNDING)))
            .flatten(1, -1)
            .all(1);
    Tensor one = Ops.shift(logits.sum(classes), -1).abs().le(new Scalar(ROUNDING)); // [N,…]
    return inside.logical_and(one.view(logits.size(0), -1).all(1)).sum().item_long();
  }

  /** How many of the images that are not all wrong have an objective without a usable gradient. */
  private long withoutGradient(Tensor images, Tensor labels, Seed draws) {
    Tensor leaf = Ops.leaf(images);
    Outputs outputs = target.drawn(draws.child("gradient")).forward(leaf);
    Tensor distance = task.distance(outputs, labels);
    Tensor gradient = Ops.gradients(distance.sum(), List.of(leaf), false).getFirst().flatten(1, -1);
    Tensor usable =
        gradient.isfinite().all(1).logical_and(Ops.max(gradient.abs(), 1).gt(new Scalar(0.0)));
    Tensor left = task.wrong(outputs, labels).lt(new Scalar(1.0));
    return usable.logical_not().logical_and(left).sum().item_long();
  }

  private List<MaskingSign> signs(Found found) {
    double few = 100 * Math.max(1.0 / found.images, FEW) * (1 + 1e-9);
    double clean = left(found, State.CLEAN);
    double steps = left(found, State.STEPS);
    String of = " of " + task.metric() + " %.1f %%";
    List<MaskingSign> signs = new ArrayList<>();
    signs.add(
        sign(
            MaskingSign.Kind.RANDOMISED,
            found.difference > OTHER,
            "two answers to the same image lie up to %.2g apart (lengths 1)",
            found.difference));
    signs.add(
        sign(
            MaskingSign.Kind.PROBABILITIES,
            found.probabilities == found.images,
            "%d of %d outputs lie in [0,1] and add up to 1",
            found.probabilities,
            found.images));
    signs.add(
        sign(
            MaskingSign.Kind.NO_GRADIENT,
            found.withoutGradient > Math.max(1, FEW * found.images),
            "%d of %d images are right and have no gradient",
            found.withoutGradient,
            found.images));
    signs.add(
        sign(
            MaskingSign.Kind.STEPS_DO_NOT_HELP,
            steps > left(found, State.ONE_STEP) + few || (steps >= clean && clean > few),
            "%d steps leave %.1f, one step %.1f" + of,
            STEPS,
            steps,
            left(found, State.ONE_STEP),
            clean));
    signs.add(
        sign(
            MaskingSign.Kind.UNBOUNDED_FAILS,
            left(found, State.UNBOUNDED) > few,
            "%d steps without a bound leave %.1f" + of,
            UNBOUNDED_STEPS,
            left(found, State.UNBOUNDED),
            clean));
    if (found.judged.containsKey(State.SCORES)) {
      signs.add(
          sign(
              MaskingSign.Kind.SCORES_WIN,
              left(found, State.GRADIENTS) - left(found, State.SCORES) > few,
              "Auto-PGD leaves %.1f, and of that %d random squares %.1f" + of,
              left(found, State.GRADIENTS),
              QUERIES,
              left(found, State.SCORES),
              clean));
    }
    elsewhere.ifPresent(
        other ->
            signs.add(
                sign(
                    MaskingSign.Kind.TRANSFER_WINS,
                    steps - left(found, State.ELSEWHERE) > few,
                    "PGD through the target leaves %.1f, PGD on %s %.1f" + of,
                    steps,
                    other.name(),
                    left(found, State.ELSEWHERE),
                    clean)));
    return signs;
  }

  /** The metric, in per cent. */
  private double left(Found found, State state) {
    return 100 * task.score(found.judged.getOrDefault(state, List.of()));
  }

  private static MaskingSign sign(
      MaskingSign.Kind kind, boolean raised, String format, Object... values) {
    return new MaskingSign(kind, raised, String.format(Locale.ROOT, format, values));
  }
}

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
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Looks for the signs of gradient masking on a sample of images. It trusts nothing that a target
 * says of itself.
 *
 * @param target what attackers with full knowledge attack: the defended target
 * @param elsewhere another net whose images are tried: the undefended target or a surrogate
 * @param epsilon radius in L∞, in units of the [0,1] range
 * @param seed of all draws
 */
public record MaskingProbe(Target target, Optional<Target> elsewhere, double epsilon, Seed seed) {

  private static final double USUAL_EPSILON = .031;
  private static final int AT_ONCE = 50;
  private static final int STEPS = 20;
  private static final int UNBOUNDED_STEPS = 60;
  private static final int QUERIES = 300;
  private static final double OTHER = 1e-4; // of outputs of length 1, as in AutoAttack's check
  private static final double ROUNDING = 1e-5;
  private static final double FEW = .01; // a share of the images that may be chance

  /** What one batch says; sums, but for {@code difference}. */
  private record Counts(
      double images,
      double right,
      double difference,
      double probabilities,
      double withoutGradient,
      double afterOne,
      double afterMany,
      double afterUnbounded,
      double afterGradients,
      double afterScores,
      double afterTransfer) {

    static Counts of(float[] v) {
      return new Counts(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]);
    }

    Counts add(Counts o) {
      return new Counts(
          images + o.images,
          right + o.right,
          Math.max(difference, o.difference),
          probabilities + o.probabilities,
          withoutGradient + o.withoutGradient,
          afterOne + o.afterOne,
          afterMany + o.afterMany,
          afterUnbounded + o.afterUnbounded,
          afterGradients + o.afterGradients,
          afterScores + o.afterScores,
          afterTransfer + o.afterTransfer);
    }
  }

  /**
   * Probes the target of a plan through its defense, at ε .031.
   *
   * @param images how many of the plan's first images are looked at, ≥ 1
   */
  public static List<MaskingSign> of(EvaluationPlan plan, int images) {
    Dataset some = Subset.first(plan.dataset(), images);
    Target bare = plan.target();
    Target seen = plan.defense().<Target>map(d -> new Defended(bare, d.purifier())).orElse(bare);
    Optional<Target> elsewhere = plan.surrogate().or(() -> plan.defense().map(d -> bare));
    Compute compute = plan.settings().compute();
    Seed draws = Seed.of(plan.provenance().seed()).child("masking");
    List<Tensor> shown = new ArrayList<>();
    List<Tensor> labels = new ArrayList<>();
    int size = Math.max(1, Math.min(AT_ONCE, (some.size() + 1) / 2)); // for two workers
    try (Scope scope = Scope.open();
        Batches batches = new Loader(some, Loader.Options.evaluation(size), draws).epoch(0)) {
      while (batches.hasNext()) {
        Batch next = batches.next();
        shown.add(compute.place(next.images()));
        labels.add(compute.place(plan.task().labels(next)));
      }
      try (Workers workers = Workers.forJobs(shown.size())) {
        return new MaskingProbe(seen, elsewhere, USUAL_EPSILON, draws).run(workers, shown, labels);
      }
    }
  }

  /**
   * Probes.
   *
   * @param images batches {@code [N,3,H,W]} in [0,1]
   * @param labels of each batch {@code [N]}
   * @return every sign, raised or not, in the order of their kinds
   */
  public List<MaskingSign> run(Workers workers, List<Tensor> images, List<Tensor> labels) {
    try (Scope scope = Scope.open()) {
      Counts all =
          workers
              .map(images.size(), i -> List.of(batch(images.get(i), labels.get(i), seed.child(i))))
              .stream()
              .map(found -> Counts.of(Ops.toFloats(found.getFirst())))
              .reduce(Counts::add)
              .orElseThrow();
      return signs(all);
    }
  }

  private Tensor batch(Tensor images, Tensor labels, Seed draws) {
    float[] v = new float[11];
    v[0] = images.size(0);
    Tensor once = logits(target, images, draws.child("once"));
    Tensor again = logits(target, images, draws.child("again"));
    v[1] = hits(once, labels);
    v[2] = (float) difference(once, again);
    v[3] = probabilities(once);
    v[4] = withoutGradient(images, labels, draws);
    v[5] = after(new Fgsm(Norm.LINF, epsilon), target, images, labels, draws);
    v[6] = after(new Pgd(Norm.LINF, epsilon, epsilon / 8, STEPS, 1), target, images, labels, draws);
    v[7] =
        after(new Pgd(Norm.LINF, 1, 1.0 / 30, UNBOUNDED_STEPS, 1), target, images, labels, draws);
    AutoPgd gradients = new AutoPgd(Norm.LINF, epsilon, AutoPgd.Loss.CE, 2 * STEPS, 1, 1);
    Tensor attacked = gradients.perturb(target, images, labels, draws.child("apgd"));
    Tensor right = right(logits(target, attacked, draws.child("apgd-scored")), labels);
    v[8] = right.sum().item_float();
    v[9] = afterScores(images, labels, right, draws);
    v[10] = v[6];
    if (elsewhere.isPresent()) {
      Pgd pgd = new Pgd(Norm.LINF, epsilon, epsilon / 8, STEPS, 1);
      Tensor moved = pgd.perturb(elsewhere.get(), images, labels, draws.child("transfer"));
      v[10] = hits(logits(target, moved, draws.child("transfer-scored")), labels);
    }
    return Ops.floats(v, v.length);
  }

  private static Tensor logits(Target asked, Tensor images, Seed draws) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return asked.drawn(draws).forward(images).logits();
    }
  }

  private static Tensor right(Tensor logits, Tensor labels) {
    return logits.argmax(new LongOptional(1), false).eq(labels);
  }

  private static float hits(Tensor logits, Tensor labels) {
    return right(logits, labels).sum().item_float();
  }

  /** The largest distance of two answers, each brought to length 1. */
  private static double difference(Tensor once, Tensor again) {
    return unit(once).sub(unit(again)).pow(new Scalar(2.0)).sum(1).sqrt().max().item_double();
  }

  private static Tensor unit(Tensor logits) {
    Tensor length = logits.pow(new Scalar(2.0)).sum(1).sqrt().clamp_min(new Scalar(1e-12));
    return logits.div(length.unsqueeze(1));
  }

  /** How many rows lie in [0,1] and add up to 1. */
  private static float probabilities(Tensor logits) {
    Tensor inside =
        logits.ge(new Scalar(-ROUNDING)).logical_and(logits.le(new Scalar(1 + ROUNDING))).all(1);
    Tensor one = Ops.shift(logits.sum(1), -1).abs().le(new Scalar(ROUNDING));
    return inside.logical_and(one).sum().item_float();
  }

  /** How many of the images that are right have a margin without a usable gradient. */
  private float withoutGradient(Tensor images, Tensor labels, Seed draws) {
    Tensor leaf = Ops.leaf(images);
    Tensor logits = target.drawn(draws.child("gradient")).forward(leaf).logits();
    Tensor margin = Ops.margin(logits, labels);
    Tensor gradient = Ops.gradients(margin.sum(), List.of(leaf), false).getFirst().flatten(1, -1);
    Tensor usable =
        gradient.isfinite().all(1).logical_and(Ops.max(gradient.abs(), 1).gt(new Scalar(0.0)));
    return usable.logical_not().logical_and(right(logits, labels)).sum().item_float();
  }

  private float after(Attack attack, Target sees, Tensor images, Tensor labels, Seed draws) {
    Tensor attacked = attack.perturb(sees, images, labels, draws.child(attack.name()));
    return hits(logits(target, attacked, draws.child(attack.name() + "-scored")), labels);
  }

  /** How many of those that survived gradients survive an attack by scores too. */
  private float afterScores(Tensor images, Tensor labels, Tensor right, Seed draws) {
    long[] flags = Ops.toLongs(right);
    long[] rows =
        IntStream.range(0, flags.length).filter(i -> flags[i] != 0).asLongStream().toArray();
    if (rows.length == 0) {
      return 0;
    }
    Tensor index = Ops.rows(rows, images);
    Square square = new Square(Norm.LINF, epsilon, QUERIES, 1, .8, 1);
    return after(
        square, target, images.index_select(0, index), labels.index_select(0, index), draws);
  }

  private List<MaskingSign> signs(Counts c) {
    List<MaskingSign> signs = new ArrayList<>();
    double few = Math.max(1, FEW * c.images);
    signs.add(
        sign(
            MaskingSign.Kind.RANDOMISED,
            c.difference > OTHER,
            "two answers to the same image lie up to %.2g apart (lengths 1)",
            c.difference));
    signs.add(
        sign(
            MaskingSign.Kind.PROBABILITIES,
            c.probabilities == c.images,
            "%.0f of %.0f outputs lie in [0,1] and add up to 1",
            c.probabilities,
            c.images));
    signs.add(
        sign(
            MaskingSign.Kind.NO_GRADIENT,
            c.withoutGradient > few,
            "%.0f of %.0f images that are right have a margin without a gradient",
            c.withoutGradient,
            c.right));
    signs.add(
        sign(
            MaskingSign.Kind.STEPS_DO_NOT_HELP,
            c.afterMany > c.afterOne + few || (c.afterMany == c.right && c.right > few),
            "of %.0f right images one step leaves %.0f, %d steps leave %.0f",
            c.right,
            c.afterOne,
            STEPS,
            c.afterMany));
    signs.add(
        sign(
            MaskingSign.Kind.UNBOUNDED_FAILS,
            c.afterUnbounded > few,
            "%d steps without a bound leave %.0f of %.0f",
            UNBOUNDED_STEPS,
            c.afterUnbounded,
            c.right));
    signs.add(
        sign(
            MaskingSign.Kind.SCORES_WIN,
            c.afterGradients - c.afterScores > few,
            "of %.0f images that survive APGD, %d random squares fool %.0f",
            c.afterGradients,
            QUERIES,
            c.afterGradients - c.afterScores));
    elsewhere.ifPresent(
        other ->
            signs.add(
                sign(
                    MaskingSign.Kind.TRANSFER_WINS,
                    c.afterMany - c.afterTransfer > few,
                    "PGD through the target leaves %.0f of %.0f, PGD on %s leaves %.0f",
                    c.afterMany,
                    c.right,
                    other.name(),
                    c.afterTransfer)));
    return signs;
  }

  private static MaskingSign sign(
      MaskingSign.Kind kind, boolean raised, String format, Object... values) {
    return new MaskingSign(kind, raised, String.format(Locale.ROOT, format, values));
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The attack of Carlini and Wagner (2017, arXiv 1608.04644, section VI.C) in L∞: Adam on Σ
 * max(|δ_i| − τ, 0) + c·max(z_y − max_{j≠y} z_j, 0), where an image whose margin is lost goes on
 * with a smaller τ, until none is lost any more. Each image has a τ of its own.
 *
 * @param epsilon radius of the ball that the result is brought into, and the first τ
 * @param rounds values of τ that are tried
 * @param steps of Adam for each
 * @param stepSize of Adam
 * @param constant c
 * @param decay what τ is multiplied by; the largest |δ_i| is taken if it is smaller
 * @param draws times a randomised target is asked at each point
 */
public record CarliniWagnerLinf(
    double epsilon,
    int rounds,
    int steps,
    double stepSize,
    double constant,
    double decay,
    int draws)
    implements Attack {

  /** Checks the constants. */
  public CarliniWagnerLinf {
    Constants.check(Norm.LINF, epsilon, steps, rounds, draws);
    Constants.positive("step size", stepSize);
    Constants.positive("constant", constant);
    if (!(decay > 0 && decay < 1)) {
      throw new IllegalArgumentException("decay must be in (0,1), not " + decay);
    }
  }

  /** ε .031, 20 rounds of 50 steps of .002, c 5, decay .9. */
  public static CarliniWagnerLinf standard() {
    return new CarliniWagnerLinf(.031, 20, 50, .002, 5, .9, 1);
  }

  @Override
  public String name() {
    return "cw-linf";
  }

  @Override
  public Norm norm() {
    return Norm.LINF;
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(Norm.LINF, epsilon));
    values.put("rounds", rounds);
    values.put("steps", steps);
    values.put("step_size", stepSize);
    values.put("constant", constant);
    values.put("decay", decay);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor nearest = nearest(target, images, labels, seed);
      return scope.keep(new Ball(Norm.LINF, epsilon).project(nearest, images));
    }
  }

  /** The images with a lost margin, before they are brought into the ball: within [0,1]. */
  Tensor nearest(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      if (!survivors.none()) {
        Tensor clean = survivors.images();
        Tensor mine = survivors.labels();
        Tensor found = search(oracle, clean, mine);
        boolean[] all = new boolean[survivors.count()];
        java.util.Arrays.fill(all, true); // what found nothing stays where it came to
        survivors.leave(found, all);
      }
      return scope.keep(survivors.attacked());
    }
  }

  private Tensor search(Oracle oracle, Tensor clean, Tensor labels) {
    int n = (int) clean.size(0);
    double[] tau = IntStream.range(0, n).mapToDouble(i -> epsilon).toArray();
    double[] largest = IntStream.range(0, n).mapToDouble(i -> Double.POSITIVE_INFINITY).toArray();
    Tensor delta = clean.clone().zero_(); // written in place
    Tensor best = clean.clone();
    long asked = 0;
    for (int round = 0; round < rounds; round++) {
      boolean[] lost = new boolean[n];
      try (Scope scope = Scope.open()) {
        float[] limits = new float[n];
        for (int i = 0; i < n; i++) {
          limits[i] = (float) tau[i];
        }
        Tensor limit = Ops.floats(limits, n, 1, 1, 1).to(clean.device(), clean.scalar_type());
        AdamSteps adam = new AdamSteps(delta, stepSize);
        for (int step = 1; step <= steps; step++) {
          try (Scope each = Scope.open();
              NoGradGuard guard = new NoGradGuard()) {
            Tensor x = Ops.clamp(clean.add(delta), 0, 1);
            Oracle.Point point = oracle.at(x, new LostMargin(labels, 0), asked++);
            note(x, clean, labels, point, best, largest, lost);
            Tensor beyond = delta.abs().gt(limit);
            Tensor gradient =
                delta.sign().mul_(beyond).add_(point.gradient(), new Scalar(constant));
            adam.step(delta, gradient);
            delta.copy_(Ops.clamp(delta.add_(clean), 0, 1).sub_(clean));
          }
        }
      }
      for (int i = 0; i < n; i++) {
        if (lost[i]) {
          tau[i] = decay * Math.min(tau[i], largest[i]);
        }
      }
    }
    return best;
  }

  private static void note(
      Tensor x,
      Tensor clean,
      Tensor labels,
      Oracle.Point point,
      Tensor best,
      double[] largest,
      boolean[] lost) {
    boolean[] right = Survivors.right(point.logits(), labels);
    float[] away = Ops.toFloats(new Ball(Norm.LINF, 1).distances(x, clean));
    boolean[] nearer = new boolean[right.length];
    for (int i = 0; i < right.length; i++) {
      if (!right[i]) {
        lost[i] = true;
        if (away[i] < largest[i]) {
          largest[i] = away[i];
          nearer[i] = true;
        }
      }
    }
    long[] rows = Ops.indices(nearer);
    if (rows.length > 0) {
      Tensor index = Ops.rows(rows, x);
      best.index_copy_(0, index, x.index_select(0, index));
    }
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The attack of Carlini and Wagner (2017, arXiv 1608.04644) in L2: the smallest change with a lost
 * margin, by Adam on ‖δ‖² + c·max(z_y − max_{j≠y} z_j + κ, 0) in the variable w with x = (tanh w +
 * 1)/2, and a search for c.
 *
 * <p>It looks for the smallest change. What is longer than ε is shortened to ε, and may then no
 * longer fool. The paper's released evaluation is {@link #released}.
 *
 * @param label the name in reports
 * @param epsilon radius of the L2 ball that the result is brought into
 * @param searches values of c that are tried
 * @param steps of Adam for each
 * @param stepSize of Adam
 * @param constant the first c
 * @param confidence κ
 * @param draws times a randomised target is asked at each point
 */
public record CarliniWagner(
    String label,
    double epsilon,
    int searches,
    int steps,
    double stepSize,
    double constant,
    double confidence,
    int draws)
    implements Attack {

  /** Checks the constants. */
  public CarliniWagner {
    Constants.check(Norm.L2, epsilon, steps, searches, draws);
    Constants.positive("step size", stepSize);
    Constants.positive("constant", constant);
    if (!(confidence >= 0)) {
      throw new IllegalArgumentException("confidence must not be negative: " + confidence);
    }
  }

  /** As published, with 1,000 steps: 9 values of c from .001, step .01, ε .5. */
  public static CarliniWagner standard() {
    return new CarliniWagner("cw-l2", AttackSettings.L2_EPSILON, 9, 1000, .01, 1e-3, 0, 1);
  }

  /** The paper's released evaluation: 10 steps of .0075, brought into ‖δ‖₂ ≤ .031. */
  public static CarliniWagner released() {
    return new CarliniWagner("cw-l2-clip", .031, 1, 10, .0075, 1, 0, 1);
  }

  @Override
  public String name() {
    return label;
  }

  @Override
  public Norm norm() {
    return Norm.L2;
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(Norm.L2, epsilon));
    values.put("searches", searches);
    values.put("steps", steps);
    values.put("step_size", stepSize);
    values.put("constant", constant);
    values.put("confidence", confidence);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor nearest = nearest(target, images, labels, seed);
      return scope.keep(new Ball(Norm.L2, epsilon).project(nearest, images));
    }
  }

  /** The images with a lost margin, before they are brought into the ball: within [0,1]. */
  Tensor nearest(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      if (!survivors.none()) {
        Tensor mine = survivors.images();
        CarliniWagnerSearch search =
            new CarliniWagnerSearch(this, oracle, mine, survivors.labels());
        Tensor found = search.run();
        boolean[] all = new boolean[survivors.count()];
        java.util.Arrays.fill(all, true); // what found nothing is the clean image
        survivors.leave(found, all);
      }
      return scope.keep(survivors.attacked());
    }
  }

  /** Brings values into (−1,1), where the inverse of tanh is finite. */
  static Tensor inside(Tensor images) {
    return Ops.scale(Ops.affine(images, 2, -1), .999999);
  }
}

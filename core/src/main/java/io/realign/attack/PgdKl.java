package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * Projected gradient descent on KL(p_adv ‖ p_clean) from x + 0.001·N(0,1): the paper's training
 * attack, after TRADES (Zhang et al., 2019, arXiv 1901.08573).
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 */
public record PgdKl(Norm norm, double epsilon, double stepSize, int steps, int restarts)
    implements Iterated {

  /** Checks the constants. */
  public PgdKl {
    ascent(norm, epsilon, stepSize, steps, restarts);
  }

  /** The paper's training attack: L∞, ε .031, α .0175, 4 steps. */
  public static PgdKl standard() {
    return new PgdKl(Norm.LINF, .031, .0175, 4, 1);
  }

  @Override
  public String name() {
    return "pgd-kl";
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    return ascent(norm, epsilon, stepSize, steps, restarts).run(target, images, labels, seed);
  }

  @Override
  public Tensor fool(Target target, Tensor images, Tensor labels, Seed seed) {
    GradientAscent ascent = ascent(norm, epsilon, stepSize, steps, restarts);
    return EagerAscent.run(ascent, target, images, labels, seed);
  }

  private static GradientAscent ascent(
      Norm norm, double epsilon, double stepSize, int steps, int restarts) {
    return new GradientAscent(
        new Ball(norm, epsilon),
        stepSize,
        steps,
        restarts,
        GradientAscent.Start.NEAR,
        (clean, labels) -> KlObjective.against(clean.get()));
  }
}

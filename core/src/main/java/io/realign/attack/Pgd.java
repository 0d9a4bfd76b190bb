package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * Projected gradient descent on cross-entropy from a uniform start (Madry et al., 2018, arXiv
 * 1706.06083).
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 */
public record Pgd(Norm norm, double epsilon, double stepSize, int steps, int restarts)
    implements Iterated {

  /** Checks the constants. */
  public Pgd {
    ascent(norm, epsilon, stepSize, steps, restarts);
  }

  /** The paper's test attack: L∞, ε .031, α .0075, 8 steps. */
  public static Pgd standard() {
    return new Pgd(Norm.LINF, .031, .0075, 8, 1);
  }

  @Override
  public String name() {
    return "pgd";
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
        GradientAscent.Start.UNIFORM,
        (clean, labels) -> new CrossEntropyObjective(labels));
  }
}

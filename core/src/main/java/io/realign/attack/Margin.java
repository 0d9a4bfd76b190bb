package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * Projected gradient descent on the margin of Carlini and Wagner (2017, arXiv 1608.04644) from a
 * uniform start.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 */
public record Margin(Norm norm, double epsilon, double stepSize, int steps, int restarts)
    implements Iterated {

  /** Checks the constants. */
  public Margin {
    ascent(norm, epsilon, stepSize, steps, restarts);
  }

  /** The constants of the paper's test attack: L∞, ε .031, α .0075, 8 steps. */
  public static Margin standard() {
    return new Margin(Norm.LINF, .031, .0075, 8, 1);
  }

  @Override
  public String name() {
    return "margin";
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
        (clean, labels) -> new MarginObjective(labels));
  }
}

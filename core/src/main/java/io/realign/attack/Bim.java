package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * The basic iterative method: projected gradient descent on cross-entropy from the clean image
 * (Kurakin et al., 2017, arXiv 1607.02533).
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts 1: each run would be the same
 */
public record Bim(Norm norm, double epsilon, double stepSize, int steps, int restarts)
    implements Iterated {

  /** Checks the constants. */
  public Bim {
    ascent(norm, epsilon, stepSize, steps, restarts);
    if (restarts > 1) {
      throw new IllegalArgumentException(
          "bim starts at the clean image: restarts would repeat it, take pgd");
    }
  }

  /** The constants of the paper's test attack: L∞, ε .031, α .0075, 8 steps. */
  public static Bim standard() {
    return new Bim(Norm.LINF, .031, .0075, 8, 1);
  }

  @Override
  public String name() {
    return "bim";
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
        GradientAscent.Start.CLEAN,
        (clean, labels) -> new CrossEntropyObjective(labels));
  }
}

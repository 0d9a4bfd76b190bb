package io.realign.attack;

import io.realign.task.Task;

/**
 * The basic iterative method: projected gradient descent on cross-entropy from the clean image
 * (Kurakin et al., 2017, arXiv 1607.02533).
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts 1: each run would be the same
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record Bim(Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws)
    implements Iterated {

  /** Checks the constants. */
  public Bim {
    Iterated.check(norm, epsilon, stepSize, steps, restarts, draws);
    if (restarts > 1) {
      throw new IllegalArgumentException(
          "bim starts at the clean image: restarts would repeat it, take pgd");
    }
  }

  /** Asks once at each point. */
  public Bim(Norm norm, double epsilon, double stepSize, int steps, int restarts) {
    this(norm, epsilon, stepSize, steps, restarts, 1);
  }

  /** The constants of the paper's test attack: L∞, ε .031, α .0075, 8 steps. */
  public static Bim standard() {
    return new Bim(Norm.LINF, .031, .0075, 8, 1);
  }

  /** Those of its test attack on masks: L∞, ε .03, α .01, 4 steps. */
  public static Bim ofMasks() {
    return new Bim(Norm.LINF, .03, .01, 4, 1);
  }

  @Override
  public boolean suits(Task task) {
    return true;
  }

  @Override
  public String name() {
    return "bim";
  }

  @Override
  public GradientAscent.Start start() {
    return GradientAscent.Start.CLEAN;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) -> new LossObjective(task, labels);
  }
}

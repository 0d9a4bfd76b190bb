package io.realign.attack;

import io.realign.task.Task;

/**
 * Projected gradient descent on cross-entropy from a uniform start (Madry et al., 2018, arXiv
 * 1706.06083).
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record Pgd(Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws)
    implements Iterated {

  /** Checks the constants. */
  public Pgd {
    Iterated.check(norm, epsilon, stepSize, steps, restarts, draws);
  }

  /** Asks once at each point. */
  public Pgd(Norm norm, double epsilon, double stepSize, int steps, int restarts) {
    this(norm, epsilon, stepSize, steps, restarts, 1);
  }

  /** The paper's test attack: L∞, ε .031, α .0075, 8 steps. */
  public static Pgd standard() {
    return new Pgd(Norm.LINF, .031, .0075, 8, 1);
  }

  @Override
  public boolean suits(Task task) {
    return true;
  }

  @Override
  public String name() {
    return "pgd";
  }

  @Override
  public GradientAscent.Start start() {
    return GradientAscent.Start.UNIFORM;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) -> new LossObjective(task, labels);
  }
}

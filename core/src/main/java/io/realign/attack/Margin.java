package io.realign.attack;

import io.realign.task.Detection;
import io.realign.task.Segmentation;
import io.realign.task.Task;

/**
 * Projected gradient descent on the margin of Carlini and Wagner (2017, arXiv 1608.04644) from a
 * uniform start; of a segmentation net, of each pixel.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record Margin(Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws)
    implements Iterated {

  /** Checks the constants. */
  public Margin {
    Iterated.check(norm, epsilon, stepSize, steps, restarts, draws);
  }

  /** Asks once at each point. */
  public Margin(Norm norm, double epsilon, double stepSize, int steps, int restarts) {
    this(norm, epsilon, stepSize, steps, restarts, 1);
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
  public boolean suits(Task task) {
    return !(task instanceof Detection);
  }

  @Override
  public GradientAscent.Start start() {
    return GradientAscent.Start.UNIFORM;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) ->
        task instanceof Segmentation
            ? new PixelObjective(PixelObjective.Kind.MARGIN, labels, 0)
            : new MarginObjective(labels);
  }
}

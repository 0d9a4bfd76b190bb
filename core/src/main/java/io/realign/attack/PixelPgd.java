package io.realign.attack;

import io.realign.task.Segmentation;
import io.realign.task.Task;

/**
 * Projected gradient descent from a uniform start on a value that does not lose itself in the
 * pixels that are wrong already.
 *
 * @param kind what is climbed
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record PixelPgd(
    Kind kind, Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws)
    implements Iterated {

  /** What is climbed. */
  public enum Kind {
    /** Cross-entropy of the pixels that are still right (Croce et al., 2024, arXiv 2306.12941). */
    MASKED("seg-masked", PixelObjective.Kind.MASKED),
    /** SegPGD (Gu et al., 2022, arXiv 2207.12391). */
    BALANCED("segpgd", PixelObjective.Kind.BALANCED),
    /** CosPGD (Agnihotri et al., 2024, arXiv 2302.02213). */
    COSINE("cospgd", PixelObjective.Kind.COSINE),
    /** The Jensen–Shannon divergence (Croce et al., 2024). */
    JENSEN_SHANNON("seg-js", PixelObjective.Kind.JENSEN_SHANNON);

    private final String word;
    private final PixelObjective.Kind climbed;

    Kind(String word, PixelObjective.Kind climbed) {
      this.word = word;
      this.climbed = climbed;
    }
  }

  /** Checks the constants. */
  public PixelPgd {
    Iterated.check(norm, epsilon, stepSize, steps, restarts, draws);
  }

  /** At the paper's radius for segmentation: L∞, ε .03, 20 steps of .003. */
  public static PixelPgd standard(Kind kind) {
    return new PixelPgd(kind, Norm.LINF, .03, .003, 20, 1, 1);
  }

  @Override
  public String name() {
    return kind.word;
  }

  @Override
  public boolean suits(Task task) {
    return task instanceof Segmentation;
  }

  @Override
  public GradientAscent.Start start() {
    return GradientAscent.Start.UNIFORM;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) -> new PixelObjective(kind.climbed, labels, 0);
  }
}

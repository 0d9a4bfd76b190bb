package io.realign.attack;

/**
 * Projected gradient descent on KL(p_adv ‖ p_clean) from x + 0.001·N(0,1): the paper's training
 * attack, after TRADES (Zhang et al., 2019, arXiv 1901.08573).
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts runs from new starts, of which each image keeps its worst
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record PgdKl(Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws)
    implements Iterated {

  /** Checks the constants. */
  public PgdKl {
    Iterated.check(norm, epsilon, stepSize, steps, restarts, draws);
  }

  /** Asks once at each point. */
  public PgdKl(Norm norm, double epsilon, double stepSize, int steps, int restarts) {
    this(norm, epsilon, stepSize, steps, restarts, 1);
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
  public GradientAscent.Start start() {
    return GradientAscent.Start.NEAR;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) -> KlObjective.against(clean.get());
  }
}

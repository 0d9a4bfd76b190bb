package io.realign.train;

/**
 * The learning rate over a run, as a factor of the base rate: up over the warm-up, constant, then
 * linear to 0.
 *
 * @param steps length of the run, ≥ 1
 * @param warmup steps of the linear rise, ≥ 0
 * @param constant share of the run before the decay starts, in [0,1]
 */
public record Schedule(long steps, long warmup, double constant) {

  /** Checks the numbers. */
  public Schedule {
    if (steps < 1 || warmup < 0 || !(constant >= 0 && constant <= 1)) {
      throw new IllegalArgumentException(
          "a schedule of %d steps, %d of warm-up, %s constant: steps must be positive, warm-up not negative, the constant share in [0,1]"
              .formatted(steps, warmup, constant));
    }
  }

  /** The factor for step {@code step}, counted from 0. */
  public double factor(long step) {
    double rise = warmup == 0 ? 1 : Math.min(1, (step + 1.0) / warmup);
    double progress = (double) step / steps;
    double fall = progress < constant || constant == 1 ? 1 : (1 - progress) / (1 - constant);
    return rise * Math.min(1, fall);
  }
}

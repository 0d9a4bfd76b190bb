package io.realign.train;

import com.fasterxml.jackson.annotation.JacksonInject;
import io.realign.io.Yaml;

/**
 * The learning rate over a run, as a factor of the base rate: up over the warm-up, constant, then
 * to 0, linearly or by a power of what is left ("poly").
 *
 * @param steps length of the run, ≥ 1
 * @param warmup steps of the linear rise, ≥ 0
 * @param constant share of the run before the decay starts, in [0,1]
 * @param power of the share of the decay that is left, above 0; 1: linear
 */
public record Schedule(
    long steps, long warmup, double constant, @JacksonInject(Yaml.ELSE_ONE) double power) {

  /** With a linear decay. */
  public Schedule(long steps, long warmup, double constant) {
    this(steps, warmup, constant, 1);
  }

  /** Checks the numbers. */
  public Schedule {
    if (steps < 1 || warmup < 0 || !(constant >= 0 && constant <= 1)) {
      throw new IllegalArgumentException(
          "a schedule of %d steps, %d of warm-up, %s constant: steps must be positive, warm-up not negative, the constant share in [0,1]"
              .formatted(steps, warmup, constant));
    }
    if (!(power > 0) || Double.isInfinite(power)) {
      throw new IllegalArgumentException("a schedule's power must be above 0, not " + power);
    }
  }

  /** The factor for step {@code step}, counted from 0. */
  public double factor(long step) {
    double rise = warmup == 0 ? 1 : Math.min(1, (step + 1.0) / warmup);
    double progress = (double) step / steps;
    double fall = progress < constant || constant == 1 ? 1 : (1 - progress) / (1 - constant);
    return rise * Math.pow(Math.min(1, fall), power);
  }
}

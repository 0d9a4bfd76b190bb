package io.realign.attack;

import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.Locale;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The images within {@code epsilon} of a clean one.
 *
 * @param norm how distance is measured
 * @param epsilon the radius in units of the [0,1] range, > 0
 */
public record Ball(Norm norm, double epsilon) {

  /** Rounding in fp32 that {@link #verify} forgives, relative to values of at most 1. */
  public static final double TOLERANCE = 1e-6;

  /** Checks the radius. */
  public Ball {
    if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("epsilon must be positive, not " + epsilon);
    }
  }

  /**
   * {@code x} moved to the nearest image within the ball around {@code centre}, and then into
   * [0,1].
   */
  public Tensor project(Tensor x, Tensor centre) {
    Tensor delta = x.sub(centre);
    Tensor inside =
        switch (norm) {
          case LINF -> Ops.clamp(delta, -epsilon, epsilon);
          case L2 ->
              delta.mul(Ops.scale(lengths(delta).reciprocal(), epsilon).clamp_max(new Scalar(1.0)));
        };
    return Ops.clamp(centre.add(inside), 0, 1);
  }

  /**
   * The steepest direction of length {@code alpha} for {@code gradient}; zero where the gradient
   * is.
   */
  public Tensor step(Tensor gradient, double alpha) {
    return switch (norm) {
      case LINF -> alpha == 1 ? gradient.sign() : gradient.sign().mul_(new Scalar(alpha));
      case L2 -> Ops.scale(gradient.div(lengths(gradient)), alpha);
    };
  }

  /** A point drawn uniformly from the ball around {@code centre}, moved into [0,1]. */
  public Tensor sample(Tensor centre, Seed seed) {
    long[] shape = Ops.shape(centre);
    Tensor noise =
        switch (norm) {
          case LINF ->
              seed.uniform(-epsilon, epsilon, shape).to(centre.device(), centre.scalar_type());
          case L2 -> {
            Tensor direction =
                seed.child("direction").normal(1, shape).to(centre.device(), centre.scalar_type());
            double dimensions = (double) centre.numel() / shape[0];
            Tensor radius =
                seed.child("radius")
                    .uniform(0, 1, shape[0], 1, 1, 1)
                    .pow(new Scalar(1 / dimensions))
                    .to(centre.device(), centre.scalar_type());
            yield Ops.scale(direction.div(lengths(direction)).mul(radius), epsilon);
          }
        };
    return Ops.clamp(centre.add(noise), 0, 1);
  }

  /** The size of each image's change: {@code [N]}. */
  public Tensor distances(Tensor x, Tensor centre) {
    Tensor delta = x.sub(centre).flatten(1, -1);
    return switch (norm) {
      case LINF -> Ops.max(delta.abs(), 1);
      case L2 -> delta.pow(new Scalar(2.0)).sum(1).sqrt();
    };
  }

  /**
   * Checks that every image is within the ball and within [0,1].
   *
   * @throws IllegalStateException that names the first offender
   */
  public void verify(String attack, Tensor x, Tensor centre) {
    float[] distances = Ops.toFloats(distances(x, centre));
    // an L2 length is a sum over all values: its rounding grows with their number
    double slack = norm == Norm.L2 ? TOLERANCE * Math.max(1, epsilon) * 10 : TOLERANCE;
    for (int i = 0; i < distances.length; i++) {
      if (!(distances[i] <= epsilon + slack)) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "attack %s left its ball: image %d of the batch is at %s %.7f, epsilon is %.7f",
                attack,
                i,
                norm,
                distances[i],
                epsilon));
      }
    }
    double low = x.min().item_double();
    double high = x.max().item_double();
    if (!(low >= 0 && high <= 1)) {
      throw new IllegalStateException(
          "attack " + attack + " left [0,1]: values from " + low + " to " + high);
    }
  }

  private static Tensor lengths(Tensor delta) {
    return delta
        .flatten(1, -1)
        .pow(new Scalar(2.0))
        .sum(1)
        .sqrt()
        .clamp_min(new Scalar(1e-12))
        .view(delta.size(0), 1, 1, 1);
  }
}

package io.realign.report;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Exact t-SNE (van der Maaten and Hinton, 2008): points of many dimensions on a plane, neighbours
 * kept.
 *
 * <p>Time and memory grow with the square of the number of points; up to about 2,000 that is
 * seconds. Wider points than 50 dimensions are first projected on their 50 principal ones. A pure
 * function of points and seed.
 *
 * @param perplexity effective number of neighbours; no more than a third of the points is used
 * @param iterations gradient steps, the first quarter of them (at most 250) exaggerated
 * @param seed of the start
 */
public record Tsne(double perplexity, int iterations, long seed) {

  private static final double EXAGGERATION = 12;

  /** Checks the constants. */
  public Tsne {
    if (!(perplexity > 1) || !Double.isFinite(perplexity)) {
      throw new IllegalArgumentException("perplexity must exceed 1, not " + perplexity);
    }
    if (iterations < 1) {
      throw new IllegalArgumentException("iterations must be at least 1, not " + iterations);
    }
  }

  /** Perplexity 30, 750 steps. */
  public static Tsne standard(long seed) {
    return new Tsne(30, 750, seed);
  }

  /**
   * Lays the points out.
   *
   * @param points finite, [n][d] with n ≥ 4
   * @param progress told the number of steps done, after each
   * @return [n][2], centred on the origin
   */
  public float[][] embed(float[][] points, IntConsumer progress) {
    check(points);
    double[][] p = joint(conditional(distances(Projection.of(points, 50, seed)), perplexity));
    return descend(p, progress);
  }

  private static void check(float[][] points) {
    if (points.length < 4) {
      throw new IllegalArgumentException("t-SNE needs 4 points or more, not " + points.length);
    }
    for (float[] point : points) {
      if (point.length != points[0].length) {
        throw new IllegalArgumentException("t-SNE needs points of equal length");
      }
      for (float x : point) {
        if (!Float.isFinite(x)) {
          throw new IllegalArgumentException("t-SNE needs finite points");
        }
      }
    }
  }

  /** Squared distances [n][n]. */
  static double[][] distances(double[][] x) {
    int n = x.length;
    double[][] d = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double sum = 0;
        for (int k = 0; k < x[i].length; k++) {
          double difference = x[i][k] - x[j][k];
          sum += difference * difference;
        }
        d[i][j] = sum;
        d[j][i] = sum;
      }
    }
    return d;
  }

  /**
   * p(j|i) = exp(−β_i·d_ij) / Σ_k≠i exp(−β_i·d_ik), β_i by bisection such that the entropy of
   * p(·|i) is ln(perplexity).
   *
   * @param d squared distances [n][n]
   * @return [n][n], rows sum to 1
   */
  static double[][] conditional(double[][] d, double perplexity) {
    int n = d.length;
    double goal = Math.log(Math.min(perplexity, (n - 1) / 3.0));
    double[][] p = new double[n][n];
    for (int i = 0; i < n; i++) {
      double low = 0;
      double high = Double.POSITIVE_INFINITY;
      double beta = 1 / Math.max(mean(d[i]), Double.MIN_NORMAL);
      for (int round = 0; round < 200; round++) {
        double excess = fill(p[i], d[i], i, beta) - goal;
        if (Math.abs(excess) < 1e-7) {
          break;
        }
        if (excess > 0) {
          low = beta;
          beta = Double.isInfinite(high) ? beta * 2 : (beta + high) / 2;
        } else {
          high = beta;
          beta = (beta + low) / 2;
        }
      }
    }
    return p;
  }

  /** Fills row i for β and returns its entropy in nats. */
  private static double fill(double[] row, double[] d, int i, double beta) {
    double nearest = Double.POSITIVE_INFINITY; // subtracted: the largest exponent becomes 0
    for (int j = 0; j < d.length; j++) {
      if (j != i) {
        nearest = Math.min(nearest, d[j]);
      }
    }
    double sum = 0;
    double weighted = 0;
    for (int j = 0; j < d.length; j++) {
      double e = j == i ? 0 : Math.exp(-beta * (d[j] - nearest));
      row[j] = e;
      sum += e;
      weighted += e * (d[j] - nearest);
    }
    for (int j = 0; j < d.length; j++) {
      row[j] /= sum;
    }
    return Math.log(sum) + beta * weighted / sum;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  /** p_ij = (p(j|i) + p(i|j)) / 2n. */
  static double[][] joint(double[][] conditional) {
    int n = conditional.length;
    double[][] p = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        p[i][j] = Math.max((conditional[i][j] + conditional[j][i]) / (2.0 * n), 1e-12);
      }
    }
    return p;
  }

  /** KL(P‖Q) of a layout. */
  static double divergence(double[][] p, float[][] y) {
    int n = p.length;
    double z = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        z += i == j ? 0 : kernel(y, i, j);
      }
    }
    double kl = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        kl += i == j ? 0 : p[i][j] * Math.log(p[i][j] * z / kernel(y, i, j));
      }
    }
    return kl;
  }

  private static double kernel(float[][] y, int i, int j) {
    double dx = y[i][0] - y[j][0];
    double dy = y[i][1] - y[j][1];
    return 1 / (1 + dx * dx + dy * dy);
  }

  /** Gradient descent with momentum and one adaptive gain per coordinate (Jacobs, 1988). */
  float[][] descend(double[][] p, IntConsumer progress) {
    int n = p.length;
    SplittableRandom random = new SplittableRandom(seed);
    double[][] y = {gaussian(random, n), gaussian(random, n)};
    double[][] gradient = new double[2][n];
    double[][] step = new double[2][n];
    double[][] gain = new double[2][n];
    Arrays.fill(gain[0], 1);
    Arrays.fill(gain[1], 1);
    double rate = Math.max(n / EXAGGERATION / 4, 50);
    int early = Math.min(250, iterations / 4);
    for (int t = 0; t < iterations; t++) {
      gradient(p, y, gradient, t < early ? EXAGGERATION : 1);
      double momentum = t < early ? 0.5 : 0.8;
      for (int axis = 0; axis < 2; axis++) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          boolean turned = gradient[axis][i] > 0 == step[axis][i] > 0;
          gain[axis][i] = Math.max(turned ? gain[axis][i] * 0.8 : gain[axis][i] + 0.2, 0.01);
          step[axis][i] = momentum * step[axis][i] - rate * gain[axis][i] * gradient[axis][i];
          y[axis][i] += step[axis][i];
          sum += y[axis][i];
        }
        for (int i = 0; i < n; i++) {
          y[axis][i] -= sum / n;
        }
      }
      progress.accept(t + 1);
    }
    float[][] layout = new float[n][2];
    for (int i = 0; i < n; i++) {
      layout[i][0] = (float) y[0][i];
      layout[i][1] = (float) y[1][i];
    }
    return layout;
  }

  private static double[] gaussian(SplittableRandom random, int n) {
    double[] values = new double[n];
    Arrays.setAll(values, i -> 1e-4 * random.nextGaussian());
    return values;
  }

  /**
   * ∂KL/∂y_i = 4 Σ_j (a·p_ij − q_ij)(y_i − y_j)·k_ij with k_ij = 1/(1 + ‖y_i − y_j‖²), q_ij =
   * k_ij/Σk and a the exaggeration. Attraction and repulsion are summed apart, so one pass over the
   * pairs is enough.
   */
  private static void gradient(double[][] p, double[][] y, double[][] gradient, double a) {
    int n = p.length;
    double[] xs = y[0];
    double[] ys = y[1];
    double[][] pull = new double[2][n];
    double[][] push = new double[2][n];
    double z = 0;
    for (int i = 0; i < n; i++) {
      double pullX = 0;
      double pullY = 0;
      double pushX = 0;
      double pushY = 0;
      double[] row = p[i];
      for (int j = 0; j < i; j++) {
        double dx = xs[i] - xs[j];
        double dy = ys[i] - ys[j];
        double k = 1 / (1 + dx * dx + dy * dy);
        double attraction = row[j] * k;
        double repulsion = k * k;
        z += 2 * k;
        pullX += attraction * dx;
        pullY += attraction * dy;
        pushX += repulsion * dx;
        pushY += repulsion * dy;
        pull[0][j] -= attraction * dx;
        pull[1][j] -= attraction * dy;
        push[0][j] -= repulsion * dx;
        push[1][j] -= repulsion * dy;
      }
      pull[0][i] += pullX;
      pull[1][i] += pullY;
      push[0][i] += pushX;
      push[1][i] += pushY;
    }
    for (int axis = 0; axis < 2; axis++) {
      for (int i = 0; i < n; i++) {
        gradient[axis][i] = 4 * (a * pull[axis][i] - push[axis][i] / z);
      }
    }
  }
}

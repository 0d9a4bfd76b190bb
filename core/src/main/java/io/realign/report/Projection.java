package io.realign.report;

import java.util.SplittableRandom;

/**
 * Points on the span of their principal components, by subspace iteration.
 *
 * <p>The basis is orthonormal but not turned onto the single components: distances, all that t-SNE
 * asks for, are the same.
 */
final class Projection {

  private static final int ROUNDS = 8;

  private Projection() {}

  /**
   * Centres the points, and projects them if they are wider than {@code width}.
   *
   * @return [n][min(d, width)]
   */
  static double[][] of(float[][] points, int width, long seed) {
    double[][] x = centred(points);
    int d = x[0].length;
    if (d <= width) {
      return x;
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[][] basis = new double[width][d];
    for (double[] row : basis) {
      for (int k = 0; k < d; k++) {
        row[k] = random.nextGaussian();
      }
    }
    orthonormalise(basis);
    for (int round = 0; round < ROUNDS; round++) { // basis ← orth(XᵀX·basis)
      double[][] scores = scores(x, basis);
      double[][] next = new double[width][d];
      for (int i = 0; i < x.length; i++) {
        for (int c = 0; c < width; c++) {
          double score = scores[i][c];
          double[] row = next[c];
          for (int k = 0; k < d; k++) {
            row[k] += score * x[i][k];
          }
        }
      }
      basis = next;
      orthonormalise(basis);
    }
    return scores(x, basis);
  }

  private static double[][] centred(float[][] points) {
    int n = points.length;
    int d = points[0].length;
    double[][] x = new double[n][d];
    for (int k = 0; k < d; k++) {
      double sum = 0;
      for (float[] point : points) {
        sum += point[k];
      }
      for (int i = 0; i < n; i++) {
        x[i][k] = points[i][k] - sum / n;
      }
    }
    return x;
  }

  private static double[][] scores(double[][] x, double[][] basis) {
    double[][] scores = new double[x.length][basis.length];
    for (int i = 0; i < x.length; i++) {
      for (int c = 0; c < basis.length; c++) {
        scores[i][c] = dot(x[i], basis[c]);
      }
    }
    return scores;
  }

  /** Modified Gram–Schmidt, twice for accuracy; a direction without variance becomes zero. */
  private static void orthonormalise(double[][] rows) {
    for (int c = 0; c < rows.length; c++) {
      double before = Math.sqrt(dot(rows[c], rows[c]));
      for (int pass = 0; pass < 2; pass++) {
        for (int b = 0; b < c; b++) {
          add(rows[c], rows[b], -dot(rows[c], rows[b]));
        }
      }
      double norm = Math.sqrt(dot(rows[c], rows[c]));
      double scale = norm > 1e-10 * before ? 1 / norm : 0;
      for (int k = 0; k < rows[c].length; k++) {
        rows[c][k] *= scale;
      }
    }
  }

  private static void add(double[] row, double[] other, double factor) {
    for (int k = 0; k < row.length; k++) {
      row[k] += factor * other[k];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }
}

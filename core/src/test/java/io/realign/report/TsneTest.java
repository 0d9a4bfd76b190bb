package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TsneTest {

  private static final int N = 150;

  /** Three clusters, eight deviations apart, in more dimensions than the projection keeps. */
  private static float[][] clusters() {
    SplittableRandom random = new SplittableRandom(1);
    float[][] points = new float[N][80];
    for (int i = 0; i < N; i++) {
      for (int k = 0; k < 80; k++) {
        points[i][k] = (float) (random.nextGaussian() + (k % 3 == i % 3 ? 3 : 0));
      }
    }
    return points;
  }

  @Test
  void keepsSeparateClustersSeparate() {
    float[][] y = Tsne.standard(1).embed(clusters(), step -> {});
    int same = 0;
    for (int i = 0; i < N; i++) {
      int at = i;
      int[] nearest =
          IntStream.range(0, N)
              .filter(j -> j != at)
              .boxed()
              .sorted(Comparator.comparingDouble(j -> squared(y[at], y[j])))
              .limit(10)
              .mapToInt(j -> j)
              .toArray();
      same += (int) Arrays.stream(nearest).filter(j -> j % 3 == at % 3).count();
    }
    assertThat(same / (10.0 * N)).isGreaterThan(0.95);
  }

  @Test
  void findsThePerplexityThatWasAsked() {
    double[][] p = Tsne.conditional(Tsne.distances(Projection.of(clusters(), 50, 1)), 20);
    for (double[] row : p) {
      double entropy = 0;
      for (double value : row) {
        entropy -= value > 0 ? value * Math.log(value) : 0;
      }
      assertThat(Math.exp(entropy)).isCloseTo(20, within(1e-4));
      assertThat(Arrays.stream(row).sum()).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void theDivergenceFallsAsItGoesOn() {
    double[][] d = Tsne.distances(Projection.of(clusters(), 50, 1));
    double[][] p = Tsne.joint(Tsne.conditional(d, 20));
    double start = Tsne.divergence(p, new Tsne(20, 1, 1).descend(p, step -> {}));
    double half = Tsne.divergence(p, new Tsne(20, 200, 1).descend(p, step -> {}));
    double end = Tsne.divergence(p, new Tsne(20, 600, 1).descend(p, step -> {}));
    assertThat(half).isLessThan(start);
    assertThat(end).isLessThan(0.5 * start).isPositive();
  }

  @Test
  void isAFunctionOfPointsAndSeedAlone() {
    Tsne tsne = new Tsne(20, 60, 9);
    assertThat(tsne.embed(clusters(), s -> {})).isDeepEqualTo(tsne.embed(clusters(), s -> {}));
    assertThat(tsne.embed(clusters(), s -> {}))
        .isNotEqualTo(new Tsne(20, 60, 8).embed(clusters(), s -> {}));
  }

  @Test
  void theProjectionKeepsWhatLiesInItsSpan() {
    SplittableRandom random = new SplittableRandom(2);
    float[][] points = new float[40][70];
    float[][] basis = new float[5][70];
    for (float[] row : basis) {
      for (int k = 0; k < 70; k++) {
        row[k] = (float) random.nextGaussian();
      }
    }
    for (float[] point : points) {
      for (float[] row : basis) {
        double weight = random.nextGaussian();
        for (int k = 0; k < 70; k++) {
          point[k] += (float) (weight * row[k]);
        }
      }
    }
    double[][] whole = Tsne.distances(Projection.of(points, 70, 1));
    double[][] projected = Tsne.distances(Projection.of(points, 10, 1));
    for (int i = 1; i < points.length; i++) {
      assertThat(projected[0][i]).isCloseTo(whole[0][i], within(1e-6 * whole[0][i]));
    }
  }

  @Test
  void survivesEqualPointsAndRefusesWhatIsNoNumber() {
    float[][] equal = new float[12][3];
    assertThat(Tsne.standard(1).embed(equal, step -> {})).hasDimensions(12, 2);
    equal[3][1] = Float.NaN;
    assertThatThrownBy(() -> Tsne.standard(1).embed(equal, step -> {}))
        .hasMessageContaining("finite");
  }

  private static double squared(float[] a, float[] b) {
    return Math.pow(a[0] - b[0], 2) + Math.pow(a[1] - b[1], 2);
  }
}

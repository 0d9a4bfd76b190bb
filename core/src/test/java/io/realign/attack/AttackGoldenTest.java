package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.target.LinearTarget;
import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks on a linear target, against the same computed on paper in double precision. */
@ExtendWith(OneCore.class)
class AttackGoldenTest {

  private static final int N = 3;
  private static final int K = 4;
  private static final int D = 3 * 4 * 4;
  private static final long[] LABELS = {2, 0, 3};

  private final double[][] weight = new double[K][D];
  private final double[] bias = {.3, -.2, .1, 0};
  private final LinearTarget target;
  private final Tensor images = Seed.of(8).uniform(0, 1, N, 3, 4, 4);
  private final Tensor labels = Ops.longs(LABELS, N);

  AttackGoldenTest() {
    SplittableRandom random = new SplittableRandom(7);
    for (double[] row : weight) {
      Arrays.setAll(row, j -> (float) random.nextGaussian());
    }
    target = LinearTarget.of(weight, bias, 4);
  }

  // --- on paper

  private enum Climbed {
    CE,
    KL,
    MARGIN
  }

  private double[] logits(double[] x) {
    double[] z = bias.clone();
    for (int k = 0; k < K; k++) {
      for (int j = 0; j < D; j++) {
        z[k] += weight[k][j] * x[j];
      }
    }
    return z;
  }

  private static double[] softmax(double[] z) {
    double sum = Arrays.stream(z).map(Math::exp).sum();
    return Arrays.stream(z).map(v -> Math.exp(v) / sum).toArray();
  }

  private static int bestBut(double[] z, int label) {
    return IntStream.range(0, K)
        .filter(k -> k != label)
        .reduce((a, b) -> z[b] > z[a] ? b : a)
        .orElseThrow();
  }

  /** ∂objective/∂z: p − e_y, p_adv − p_clean, and e_j − e_y while the margin holds. */
  private double[] byLogits(Climbed climbed, double[] x, double[] clean, int label) {
    double[] z = logits(x);
    double[] p = softmax(z);
    double[] by = new double[K];
    switch (climbed) {
      case CE -> {
        System.arraycopy(p, 0, by, 0, K);
        by[label] -= 1;
      }
      case KL -> {
        double[] q = softmax(logits(clean));
        // ∂/∂z_k Σ_j p_j·log(p_j/q_j) = p_k·(log(p_k/q_k) − KL)
        double divergence =
            IntStream.range(0, K).mapToDouble(k -> p[k] * Math.log(p[k] / q[k])).sum();
        Arrays.setAll(by, k -> p[k] * (Math.log(p[k] / q[k]) - divergence));
      }
      case MARGIN -> {
        int other = bestBut(z, label);
        if (z[label] > z[other]) {
          by[other] = 1;
          by[label] = -1;
        }
      }
    }
    return by;
  }

  private double[] onPaper(
      Climbed climbed,
      Norm norm,
      double epsilon,
      double alpha,
      int steps,
      double[] clean,
      double[] start,
      int label) {
    double[] x = start.clone();
    for (int step = 0; step < steps; step++) {
      double[] by = byLogits(climbed, x, clean, label);
      double[] g = new double[D];
      for (int j = 0; j < D; j++) {
        for (int k = 0; k < K; k++) {
          g[j] += weight[k][j] * by[k];
        }
      }
      double length = Math.max(Math.sqrt(Arrays.stream(g).map(v -> v * v).sum()), 1e-12);
      double[] delta = new double[D];
      for (int j = 0; j < D; j++) {
        delta[j] =
            x[j] + alpha * (norm == Norm.LINF ? Math.signum(g[j]) : g[j] / length) - clean[j];
      }
      double far = Math.sqrt(Arrays.stream(delta).map(v -> v * v).sum());
      for (int j = 0; j < D; j++) {
        double inside =
            norm == Norm.LINF
                ? Math.clamp(delta[j], -epsilon, epsilon)
                : delta[j] * Math.min(1, epsilon / far);
        x[j] = Math.clamp(clean[j] + inside, 0.0, 1.0);
      }
    }
    return x;
  }

  private static double[] image(Tensor batch, int i) {
    float[] all = Ops.toFloats(batch);
    return IntStream.range(0, D).mapToDouble(j -> all[i * D + j]).toArray();
  }

  private void compare(Attack attack, Climbed climbed, double alpha, int steps, Tensor start) {
    Tensor attacked = attack.perturb(target, images, labels, Seed.of(11));
    for (int i = 0; i < N; i++) {
      double[] expected =
          onPaper(
              climbed,
              attack.norm(),
              attack.epsilon(),
              alpha,
              steps,
              image(images, i),
              image(start, i),
              (int) LABELS[i]);
      assertThat(image(attacked, i)).containsExactly(expected, within(2e-5));
    }
  }

  // --- the attacks

  @ParameterizedTest
  @EnumSource
  void fgsmIsOneStepOfTheRadius(Norm norm) {
    compare(new Fgsm(norm, .05), Climbed.CE, .05, 1, images);
  }

  @ParameterizedTest
  @EnumSource
  void bimClimbsCrossEntropyFromTheCleanImage(Norm norm) {
    for (int steps : new int[] {1, 2, 5}) {
      compare(new Bim(norm, .05, .02, steps, 1), Climbed.CE, .02, steps, images);
    }
  }

  @ParameterizedTest
  @EnumSource
  void pgdClimbsCrossEntropyFromAPointOfTheBall(Norm norm) {
    Tensor start = new Ball(norm, .05).sample(images, Seed.of(11).child(0));
    compare(new Pgd(norm, .05, .02, 4, 1), Climbed.CE, .02, 4, start);
  }

  @ParameterizedTest
  @EnumSource
  void pgdKlClimbsTheDivergenceFromASmallNormalStart(Norm norm) {
    Tensor noise = Seed.of(11).child(0).normal(.001, N, 3, 4, 4);
    Tensor start = new Ball(norm, .05).project(images.add(noise), images);
    compare(new PgdKl(norm, .05, .02, 4, 1), Climbed.KL, .02, 4, start);
  }

  @ParameterizedTest
  @EnumSource
  void marginStopsPullingWhereItIsLost(Norm norm) {
    Tensor start = new Ball(norm, .5).sample(images, Seed.of(11).child(0));
    compare(new Margin(norm, .5, .1, 6, 1), Climbed.MARGIN, .1, 6, start);
  }

  @Test
  void objectivesHaveTheirTextbookValues() {
    Outputs outputs = target.forward(images);
    Tensor other = Seed.of(9).uniform(0, 1, N, 3, 4, 4);
    float[] ce = Ops.toFloats(new LossObjective(new Classification(), labels).of(outputs));
    float[] margin = Ops.toFloats(new MarginObjective(labels).of(outputs));
    float[] kl = Ops.toFloats(KlObjective.against(target.forward(other)).of(outputs));
    float[] same = Ops.toFloats(KlObjective.against(outputs).of(outputs));
    for (int i = 0; i < N; i++) {
      double[] z = logits(image(images, i));
      int label = (int) LABELS[i];
      double[] p = softmax(z);
      double[] q = softmax(logits(image(other, i)));
      double divergence =
          IntStream.range(0, K).mapToDouble(k -> p[k] * Math.log(p[k] / q[k])).sum();
      assertThat((double) ce[i]).isCloseTo(-Math.log(p[label]), within(1e-4));
      assertThat((double) margin[i])
          .isCloseTo(-Math.max(z[label] - z[bestBut(z, label)], 0), within(1e-4));
      assertThat((double) kl[i]).isCloseTo(divergence, within(1e-4));
      assertThat((double) same[i]).isZero();
    }
  }

  @Test
  void startsOfTheBallFillIt() {
    Tensor grey = Ops.shift(Ops.scale(Seed.of(1).uniform(0, 1, 400, 3, 2, 2), 0), .5);
    float[] box =
        Ops.toFloats(
            new Ball(Norm.LINF, .1)
                .distances(new Ball(Norm.LINF, .1).sample(grey, Seed.of(2)), grey));
    float[] ball =
        Ops.toFloats(
            new Ball(Norm.L2, .1).distances(new Ball(Norm.L2, .1).sample(grey, Seed.of(2)), grey));
    // the largest of 12 uniform draws, and the radius of a uniform draw in 12 dimensions
    for (float[] distances : List.of(box, ball)) {
      double mean =
          IntStream.range(0, distances.length).mapToDouble(i -> distances[i]).average().orElse(0);
      assertThat(mean).isCloseTo(.1 * 12 / 13, within(.002));
    }
  }

  @ParameterizedTest
  @EnumSource
  void restartsAreNeverWeakerThanTheFirstRun(Norm norm) {
    double epsilon = norm == Norm.LINF ? .02 : .1;
    Objective climbed = new LossObjective(new Classification(), labels);
    for (int seed = 0; seed < 5; seed++) {
      Tensor once =
          new Pgd(norm, epsilon, epsilon / 4, 2, 1).perturb(target, images, labels, Seed.of(seed));
      Tensor often =
          new Pgd(norm, epsilon, epsilon / 4, 2, 4).perturb(target, images, labels, Seed.of(seed));
      float[] first = Ops.toFloats(climbed.of(target.forward(once)));
      float[] worst = Ops.toFloats(climbed.of(target.forward(often)));
      boolean[] fooledOnce = fooled(once);
      boolean[] fooledOften = fooled(often);
      for (int i = 0; i < N; i++) {
        assertThat(fooledOften[i] || !fooledOnce[i]).isTrue();
        if (fooledOften[i] == fooledOnce[i]) {
          assertThat(worst[i]).isGreaterThanOrEqualTo(first[i]);
        }
      }
      assertThat(worst).isNotEqualTo(first);
    }
  }

  private boolean[] fooled(Tensor x) {
    boolean[] fooled = new boolean[N];
    for (int i = 0; i < N; i++) {
      double[] z = logits(image(x, i));
      fooled[i] = z[bestBut(z, (int) LABELS[i])] > z[(int) LABELS[i]];
    }
    return fooled;
  }
}

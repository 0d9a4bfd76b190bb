package io.realign.attack;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of Auto-PGD (Croce and Hein, 2020, arXiv 2003.01690, algorithm 1): a step with momentum,
 * whose length is halved at checkpoints where the objective rose too rarely or did not get better;
 * the run then goes on from the best point. Images that are wrong altogether leave.
 *
 * @param ball where the result must lie
 * @param steps number of steps
 */
record AutoPgdRun(Ball ball, int steps) {

  private static final double RHO = .75; // the share of rises below which a step is halved
  private static final double MOMENTUM = .75; // the weight of the new step
  private static final int WASTE = 4; // images are dropped when a quarter is fooled

  /**
   * Runs on the survivors, which keep what is worse than before.
   *
   * @param objective of their labels
   */
  void run(Oracle oracle, Objective objective, Survivors survivors, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor images = survivors.images();
      Found found =
          run(
              oracle,
              objective,
              images,
              survivors.labels(),
              start(images, seed),
              survivors.wrong());
      survivors.worsen(found.images(), found.wrong());
    }
  }

  /** What a run found: of each image the worst point, and the share that is wrong there. */
  record Found(Tensor images, float[] wrong) {}

  /**
   * Runs on images that the target does not get wholly wrong.
   *
   * @param centres of the balls
   * @param start within the balls
   * @param wrong the shares of points found before: what is not worse is not kept
   */
  Found run(
      Oracle oracle,
      Objective objective,
      Tensor centres,
      Tensor labels,
      Tensor start,
      float[] wrong) {
    int n = (int) centres.size(0);
    Tensor found = start.detach().clone(); // written in place
    float[] worst = wrong.clone();
    try (Scope scope = Scope.open()) {
      long[] all = new long[n];
      for (int i = 0; i < n; i++) {
        all[i] = i;
      }
      Region region = Region.of(ball, centres);
      Tensor x = start.detach().clone();
      State state = new State(all, objective, region, labels, x, ball.epsilon());
      state.begin(oracle);
      state.note(found, worst);
      for (int step = 0; step < steps && state.active(worst) > 0; step++) {
        int active = state.active(worst);
        if (active * WASTE <= state.rows.length * (WASTE - 1)) {
          state = state.without(worst);
        }
        try (Scope each = Scope.open()) {
          state.advance(oracle, ball, step, steps);
          state.note(found, worst);
          state.check(steps);
        }
      }
    }
    return new Found(found, worst);
  }

  /** A point on the edge of the ball, moved into [0,1]. */
  Tensor start(Tensor images, Seed seed) {
    long[] shape = Ops.shape(images);
    Tensor noise =
        switch (ball.norm()) {
          case LINF -> seed.uniform(-1, 1, shape);
          case L2 -> seed.normal(1, shape);
        };
    Tensor placed = noise.to(images.device(), images.scalar_type());
    Tensor length =
        switch (ball.norm()) {
          case LINF -> Ops.max(placed.abs().flatten(1, -1), 1);
          case L2 -> placed.flatten(1, -1).pow(new Scalar(2.0)).sum(1).sqrt();
        };
    Tensor edge = Ops.scale(placed.div(column(length)), ball.epsilon());
    return Ops.clamp(images.add(edge), 0, 1);
  }

  private static Tensor column(Tensor values) {
    return values.view(-1, 1, 1, 1);
  }

  /** Everything about the images that are still attacked; all tensors are written in place. */
  private static final class State {
    private final long[] rows; // their places in the batch
    private final Objective objective;
    private final Region region;
    private final Tensor labels;
    private final Tensor x;
    private final Tensor before;
    private final Tensor gradient;
    private final Tensor best;
    private final Tensor bestGradient;
    private final Tensor length; // [M,1,1,1]
    private final Tensor value; // [M]
    private final Tensor bestValue;
    private final Tensor bestAtCheck;
    private final Tensor halvedAtCheck;
    private final Tensor rises;
    private float[] wrong = new float[0]; // the share of each at x
    private int sinceCheck;
    private int untilCheck = -1;

    State(
        long[] rows, Objective objective, Region region, Tensor labels, Tensor x, double epsilon) {
      this.rows = rows;
      this.objective = objective;
      this.region = region;
      this.labels = labels;
      this.x = x;
      before = x.clone();
      gradient = x.clone().zero_();
      best = x.clone();
      bestGradient = gradient.clone();
      Tensor zeros = x.flatten(1, -1).select(1, 0).clone().zero_();
      length = column(Ops.shift(zeros, 2 * epsilon)).clone();
      value = zeros.clone();
      bestValue = zeros.clone();
      bestAtCheck = zeros.clone();
      halvedAtCheck = Ops.shift(zeros, 1);
      rises = zeros.clone();
    }

    private State(State from, long[] rows, Region region, List<Tensor> kept, Objective objective) {
      this.rows = rows;
      this.objective = objective;
      this.region = region;
      labels = kept.get(0);
      x = kept.get(1);
      before = kept.get(2);
      gradient = kept.get(3);
      best = kept.get(4);
      bestGradient = kept.get(5);
      length = kept.get(6);
      value = kept.get(7);
      bestValue = kept.get(8);
      bestAtCheck = kept.get(9);
      halvedAtCheck = kept.get(10);
      rises = kept.get(11);
      sinceCheck = from.sinceCheck;
      untilCheck = from.untilCheck;
    }

    /** The gradient at the start. */
    void begin(Oracle oracle) {
      try (Scope scope = Scope.open()) {
        Oracle.Point point = oracle.at(x, objective, 0);
        gradient.copy_(point.gradient());
        bestGradient.copy_(point.gradient());
        value.copy_(point.value());
        bestValue.copy_(point.value());
        bestAtCheck.copy_(point.value());
        wrong = oracle.wrong(point.logits(), labels);
      }
    }

    int active(float[] worst) {
      int active = 0;
      for (long row : rows) {
        active += worst[(int) row] < 1 ? 1 : 0;
      }
      return active;
    }

    /** Writes down the images of which more is wrong now than before. */
    void note(Tensor found, float[] worst) {
      List<Long> here = new ArrayList<>();
      List<Long> places = new ArrayList<>();
      for (int i = 0; i < rows.length; i++) {
        if (wrong[i] > worst[(int) rows[i]]) {
          worst[(int) rows[i]] = wrong[i];
          here.add((long) i);
          places.add(rows[i]);
        }
      }
      if (!here.isEmpty()) {
        try (Scope scope = Scope.open()) {
          found.index_copy_(0, index(places), x.index_select(0, index(here)));
        }
      }
    }

    /**
     * The same for the images that are not wrong altogether; the tensors belong to the caller's
     * scope.
     */
    State without(float[] worst) {
      List<Long> here = new ArrayList<>();
      for (int i = 0; i < rows.length; i++) {
        if (worst[(int) rows[i]] < 1) {
          here.add((long) i);
        }
      }
      Tensor index = index(here);
      List<Tensor> kept = new ArrayList<>();
      for (Tensor each :
          List.of(
              labels,
              x,
              before,
              gradient,
              best,
              bestGradient,
              length,
              value,
              bestValue,
              bestAtCheck,
              halvedAtCheck,
              rises)) {
        kept.add(each.index_select(0, index));
      }
      long[] left = here.stream().mapToLong(i -> rows[i.intValue()]).toArray();
      return new State(this, left, region.rows(index), kept, objective.rows(index));
    }

    void advance(Oracle oracle, Ball ball, int step, int steps) {
      Tensor moved = region.hold(ball.step(gradient, 1).mul_(length).add_(x)); // z
      if (step > 0) { // x + α(z − x) + (1 − α)(x − x_before) = αz + (1 − α)(2x − x_before)
        moved.mul_(new Scalar(MOMENTUM));
        moved.add_(x, new Scalar(2 * (1 - MOMENTUM)));
        moved.add_(before, new Scalar(MOMENTUM - 1));
        region.hold(moved);
      }
      before.copy_(x);
      x.copy_(moved);
      Objective now = objective.at((double) step / steps);
      Oracle.Point point = oracle.at(x, now, step + 1L);
      gradient.copy_(point.gradient());
      wrong = oracle.wrong(point.logits(), labels);
      rises.add_(point.value().gt(value));
      value.copy_(point.value());
      Tensor better = point.value().gt(bestValue).nonzero().squeeze(1); // rows
      if (better.numel() > 0) {
        best.index_copy_(0, better, x.index_select(0, better));
        bestGradient.index_copy_(0, better, gradient.index_select(0, better));
        bestValue.copy_(point.value().maximum(bestValue));
      }
      sinceCheck++;
    }

    /** At a checkpoint, halves the steps that lead nowhere. */
    void check(int steps) {
      if (untilCheck < 0) {
        untilCheck = Math.max((int) (.22 * steps), 1);
      }
      if (sinceCheck < untilCheck) {
        return;
      }
      Tensor rare = rises.le(new Scalar(RHO * sinceCheck));
      Tensor stuck = halvedAtCheck.eq(new Scalar(0.0)).logical_and(bestAtCheck.ge(bestValue));
      Tensor halve = rare.logical_or(stuck);
      halvedAtCheck.copy_(halve);
      bestAtCheck.copy_(bestValue);
      length.copy_(Ops.scale(length, .5).where(column(halve), length));
      x.copy_(best.where(column(halve), x));
      gradient.copy_(bestGradient.where(column(halve), gradient));
      rises.zero_();
      sinceCheck = 0;
      untilCheck =
          Math.max(untilCheck - Math.max((int) (.03 * steps), 1), Math.max((int) (.06 * steps), 1));
    }

    private Tensor index(List<Long> values) {
      long[] plain = values.stream().mapToLong(Long::longValue).toArray();
      return Ops.rows(plain, x);
    }
  }
}

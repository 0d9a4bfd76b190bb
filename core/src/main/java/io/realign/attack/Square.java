package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The square attack (Andriushchenko et al., 2020, arXiv 1912.00049): random search over squares
 * that asks for scores alone, no gradients. The sides of the squares shrink on a schedule.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param queries questions an image
 * @param restarts runs, each on the images that are still right
 * @param share of the pixels in the first squares, p
 * @param draws times a randomised target is asked about each point
 * @param stretched whether the schedule, made for 10,000 questions, is stretched over {@code
 *     queries}, as its authors do; AutoAttack does not
 */
public record Square(
    Norm norm,
    double epsilon,
    int queries,
    int restarts,
    double share,
    int draws,
    boolean stretched)
    implements Attack {

  private static final int WASTE = 4; // images are dropped when a quarter is fooled
  private static final int SCHEDULED = 10_000;
  private static final int[] HALVED_AFTER = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};

  /** Checks the constants. */
  public Square {
    Constants.check(norm, epsilon, queries, restarts, draws);
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be in (0,1], not " + share);
    }
  }

  /** L∞, ε 8/255, 5,000 queries, p .8, the schedule stretched over them. */
  public static Square standard() {
    return new Square(Norm.LINF, 8 / 255.0, 5000, 1, .8, 1, true);
  }

  @Override
  public String name() {
    return "square";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("queries", queries);
    values.put("restarts", restarts);
    values.put("share", share);
    values.put("draws", draws);
    values.put("stretched", stretched);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      for (int restart = 0; restart < restarts && !survivors.none(); restart++) {
        try (Scope each = Scope.open()) {
          search(oracle, survivors, seed.child(restart));
        }
      }
      return scope.keep(survivors.attacked());
    }
  }

  private void search(Oracle oracle, Survivors survivors, Seed seed) {
    SquareProposals proposals =
        switch (norm) {
          case LINF -> new SquareProposals.Linf(epsilon);
          case L2 -> new SquareProposals.L2(epsilon);
        };
    Tensor clean = survivors.images();
    Tensor labels = survivors.labels();
    Tensor x = proposals.first(clean, seed.child("first")).clone();
    Tensor margin = Ops.margin(oracle.logits(x, 0), labels).clone();
    for (int query = 1; query < queries; query++) {
      boolean[] fooled = fooled(margin);
      long out = IntStream.range(0, fooled.length).filter(i -> fooled[i]).count();
      if (out == fooled.length) {
        break;
      }
      if (out * WASTE >= fooled.length) {
        survivors.leave(x, fooled);
        long[] left =
            IntStream.range(0, fooled.length).filter(i -> !fooled[i]).asLongStream().toArray();
        Tensor index = Ops.rows(left, x);
        clean = clean.index_select(0, index);
        labels = labels.index_select(0, index);
        x = x.index_select(0, index);
        margin = margin.index_select(0, index);
      }
      try (Scope each = Scope.open()) {
        double part = share / (1 << halvings(query - 1));
        Tensor proposed = proposals.next(x, clean, part, seed.child(query));
        Tensor found = Ops.margin(oracle.logits(proposed, query), labels);
        // what is fooled already stays
        Tensor better = found.lt(margin).logical_and(margin.gt(new Scalar(0.0)));
        Tensor rows = better.nonzero().squeeze(1);
        if (rows.numel() > 0) {
          x.index_copy_(0, rows, proposed.index_select(0, rows));
          margin.copy_(found.where(better, margin));
        }
      }
    }
    survivors.leave(x, fooled(margin));
  }

  private static boolean[] fooled(Tensor margin) {
    float[] values = Ops.toFloats(margin);
    boolean[] fooled = new boolean[values.length];
    for (int i = 0; i < values.length; i++) {
      fooled[i] = values[i] < 0;
    }
    return fooled;
  }

  /** How often the area of the squares has been halved. */
  private int halvings(int query) {
    long scheduled = stretched ? (long) query * SCHEDULED / queries : query;
    return (int) Arrays.stream(HALVED_AFTER).filter(after -> scheduled > after).count();
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * DeepFool (Moosavi-Dezfooli et al., 2016, arXiv 1511.04599): steps onto the nearest linearised
 * decision boundary until the image is past it, in L2 or, as the paper uses it, in L∞.
 *
 * <p>It looks for the smallest change. What is further away than ε is clipped to the ball, as in
 * the paper's evaluation, and may then no longer fool.
 *
 * @param norm what is made small
 * @param epsilon radius of the ball that the result is clipped to
 * @param steps largest number of steps
 * @param candidates the likeliest classes whose boundaries are looked at
 * @param overshoot by how much a step goes beyond the boundary, as a part of it
 * @param draws times a randomised target is asked at each point
 */
public record DeepFool(
    Norm norm, double epsilon, int steps, int candidates, double overshoot, int draws)
    implements Attack {

  private static final double BEYOND = 1e-4; // added to each step's length
  private static final double TINY = 1e-8;

  /** Checks the constants. */
  public DeepFool {
    Constants.check(norm, epsilon, steps, 1, draws);
    if (candidates < 2) {
      throw new IllegalArgumentException("candidates must be at least 2, not " + candidates);
    }
    if (!(overshoot >= 0)) {
      throw new IllegalArgumentException("overshoot must not be negative: " + overshoot);
    }
  }

  /** The paper's: L∞, ε .031, 50 steps, 10 candidates, overshoot .02. */
  public static DeepFool standard() {
    return new DeepFool(Norm.LINF, .031, 50, 10, .02, 1);
  }

  @Override
  public String name() {
    return "deepfool";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("candidates", candidates);
    values.put("overshoot", overshoot);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor nearest = nearest(target, images, labels, seed);
      return scope.keep(new Ball(norm, epsilon).project(nearest, images));
    }
  }

  /** The images past the boundary, before they are clipped to the ball: within [0,1]. */
  Tensor nearest(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      if (!survivors.none()) {
        run(oracle, survivors);
      }
      return scope.keep(survivors.attacked());
    }
  }

  private void run(Oracle oracle, Survivors survivors) {
    Tensor clean = survivors.images();
    Tensor labels = survivors.labels();
    int k = Math.min(candidates, oracle.target().classes());
    Tensor order = oracle.logits(clean, -1).sort(1, true).get1().narrow(1, 0, k).clone(); // [M,k]
    Tensor change = clean.clone().zero_();
    for (int step = 0; step < steps; step++) {
      try (Scope each = Scope.open()) {
        Tensor x = Ops.clamp(clean.add(Ops.scale(change, 1 + overshoot)), 0, 1);
        Tensor ranked = order;
        List<Tensor> answer =
            oracle.gradients(
                x,
                k - 1,
                (z, i) ->
                    z.gather(1, ranked.narrow(1, i + 1L, 1))
                        .sub(z.gather(1, ranked.narrow(1, 0, 1)))
                        .squeeze(1),
                step);
        boolean[] right = Survivors.right(answer.getFirst(), labels);
        boolean[] out = new boolean[right.length];
        int left = 0;
        for (int i = 0; i < out.length; i++) {
          out[i] = !right[i];
          left += right[i] ? 1 : 0;
        }
        if (left < out.length) {
          survivors.leave(x, out);
          if (left == 0) {
            return;
          }
          Tensor rows = Ops.rows(Ops.indices(right), labels);
          clean = each.keep(clean.index_select(0, rows));
          labels = each.keep(labels.index_select(0, rows));
          order = each.keep(order.index_select(0, rows));
          change = change.index_select(0, rows);
          answer = answer.stream().map(t -> t.index_select(0, rows)).toList();
        }
        change = each.keep(change.add(stepOver(answer, order)));
      }
    }
    Tensor last = Ops.clamp(clean.add(Ops.scale(change, 1 + overshoot)), 0, 1);
    boolean[] all = new boolean[survivors.count()];
    java.util.Arrays.fill(all, true); // those that never crossed keep where they came to
    survivors.leave(last, all);
  }

  /** The smallest step of each image onto one of the linearised boundaries. */
  private Tensor stepOver(List<Tensor> answer, Tensor order) {
    Tensor z = answer.getFirst().gather(1, order); // [M,k]
    int boundaries = answer.size() - 1;
    Tensor differences = z.narrow(1, 1, boundaries).sub(z.narrow(1, 0, 1)); // [M,k−1]
    Tensor gradients =
        torch.stack(
            new TensorVector(answer.subList(1, boundaries + 1).toArray(Tensor[]::new)),
            1); // [M,k−1,3,H,W]
    Tensor flat = gradients.flatten(2, -1);
    Tensor dual =
        Ops.shift(
            switch (norm) {
              case LINF -> flat.abs().sum(2);
              case L2 -> flat.mul(flat).sum(2).sqrt();
            },
            TINY);
    Tensor away = differences.abs().div(dual);
    Tensor nearest = away.argmin(new LongOptional(1), true); // [M,1]
    Tensor normal =
        flat.gather(1, nearest.unsqueeze(2).expand(new long[] {-1, -1, flat.size(2)})).squeeze(1);
    Tensor length = Ops.shift(away.gather(1, nearest), BEYOND); // [M,1]
    Tensor direction =
        switch (norm) {
          case LINF -> normal.sign();
          case L2 -> normal.div(dual.gather(1, nearest));
        };
    return direction.mul(length).view_as(gradients.select(1, 0));
  }
}

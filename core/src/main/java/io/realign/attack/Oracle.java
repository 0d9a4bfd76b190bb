package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.torch.ImageGradients;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * What an attack asks a target: outputs, and gradients by the image alone.
 *
 * <p>Of a randomised target it asks several times, with other draws, and takes the mean:
 * expectation over transformation (Athalye et al., 2018, arXiv 1707.07397). A target without random
 * choices is asked once.
 *
 * @param target what is attacked
 * @param draws times a randomised target is asked at each point, ≥ 1
 * @param seed the draws of the target
 */
record Oracle(Target target, int draws, Seed seed) {

  /**
   * The answer at a point.
   *
   * @param logits of the task's shape, without a graph
   * @param value of the objective {@code [N]}, without a graph
   * @param gradient of the value by the images {@code [N,3,H,W]}
   */
  record Point(Tensor logits, Tensor value, Tensor gradient) {}

  Oracle {
    if (draws < 1) {
      throw new IllegalArgumentException("draws must be at least 1, not " + draws);
    }
  }

  /**
   * The gradient of an objective.
   *
   * @param when which question of the attack this is: other questions have other draws
   */
  Point at(Tensor images, Objective objective, long when) {
    int times = times();
    try (Scope scope = Scope.open()) {
      Point sum = once(images, objective, when, 0);
      for (int draw = 1; draw < times; draw++) {
        Point next = once(images, objective, when, draw);
        sum =
            new Point(
                sum.logits.add(next.logits),
                sum.value.add(next.value),
                sum.gradient.add(next.gradient));
      }
      return new Point(
          scope.keep(mean(sum.logits, times)),
          scope.keep(mean(sum.value, times)),
          scope.keep(mean(sum.gradient, times)));
    }
  }

  /** The logits, without a graph. */
  Tensor logits(Tensor images, long when) {
    int times = times();
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor sum = drawn(when, 0).forward(images).logits();
      for (int draw = 1; draw < times; draw++) {
        sum = sum.add(drawn(when, draw).forward(images).logits());
      }
      return scope.keep(mean(sum, times));
    }
  }

  /** The share of the answers about each image that are wrong, of logits of this target. */
  float[] wrong(Tensor logits, Tensor labels) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      return Ops.toFloats(target.task().wrong(new Outputs(logits, logits), labels));
    }
  }

  /**
   * The logits and the gradient of each of several of their combinations.
   *
   * @param combinations how often {@code of} is asked
   * @param of the combination {@code [N]} of logits {@code [N,K]}
   * @return the logits without a graph, then the gradients
   */
  List<Tensor> gradients(Tensor images, int combinations, Combination of, long when) {
    int times = times();
    try (Scope scope = Scope.open()) {
      List<Tensor> sums = combined(images, combinations, of, when, 0);
      for (int draw = 1; draw < times; draw++) {
        List<Tensor> next = combined(images, combinations, of, when, draw);
        for (int i = 0; i < sums.size(); i++) {
          sums.set(i, sums.get(i).add(next.get(i)));
        }
      }
      return sums.stream().map(sum -> scope.keep(mean(sum, times))).toList();
    }
  }

  /** A combination of logits. */
  @FunctionalInterface
  interface Combination {
    /** Combination {@code index} of {@code logits} {@code [N,K]}: {@code [N]}. */
    Tensor of(Tensor logits, int index);
  }

  private Point once(Tensor images, Objective objective, long when, int draw) {
    Tensor leaf = Ops.leaf(images);
    try (AutoGradMode on = new AutoGradMode(true); // whoever asks
        ImageGradients open = ImageGradients.open()) {
      Outputs outputs = drawn(when, draw).forward(leaf);
      Tensor value = objective.of(outputs);
      Tensor gradient = open.gradient(value.sum(), leaf, false);
      return new Point(outputs.logits().detach(), value.detach(), gradient);
    }
  }

  private List<Tensor> combined(
      Tensor images, int combinations, Combination of, long when, int draw) {
    Tensor leaf = Ops.leaf(images);
    try (AutoGradMode on = new AutoGradMode(true); // whoever asks
        ImageGradients open = ImageGradients.open()) {
      Tensor logits = drawn(when, draw).forward(leaf).logits();
      List<Tensor> results = new java.util.ArrayList<>();
      results.add(logits.detach());
      for (int i = 0; i < combinations; i++) {
        boolean more = i < combinations - 1;
        results.add(open.gradient(of.of(logits, i).sum(), leaf, more));
      }
      return results;
    }
  }

  private Target drawn(long when, int draw) {
    return target.randomised() ? target.drawn(seed.child(when).child(draw)) : target;
  }

  private int times() {
    return target.randomised() ? draws : 1;
  }

  private static Tensor mean(Tensor sum, int times) {
    return times == 1 ? sum : Ops.scale(sum, 1.0 / times);
  }
}

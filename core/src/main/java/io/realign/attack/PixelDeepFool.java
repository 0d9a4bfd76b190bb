package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * DeepFool on the pixels of a segmentation net. Nobody has published one; this is this project's
 * reading: f is the sum of the margins z_y − max_{j≠y} z_j of the pixels that are still right, and
 * each step goes to where the linearised f is 0, clipped to the ball after each; the image keeps
 * the point with the most wrong pixels.
 *
 * @param norm what is made small
 * @param epsilon radius of the ball that every point is clipped to
 * @param steps largest number of steps
 * @param overshoot by how much a step goes beyond, as a part of it
 * @param draws times a randomised target is asked at each point
 */
public record PixelDeepFool(Norm norm, double epsilon, int steps, double overshoot, int draws)
    implements Attack {

  private static final double TINY = 1e-8;

  /** Checks the constants. */
  public PixelDeepFool {
    Constants.check(norm, epsilon, steps, 1, draws);
    if (!(overshoot >= 0)) {
      throw new IllegalArgumentException("overshoot must not be negative: " + overshoot);
    }
  }

  /** At the paper's radius for segmentation: L∞, ε .03, 50 steps, overshoot .02. */
  public static PixelDeepFool standard() {
    return new PixelDeepFool(Norm.LINF, .03, 50, .02, 1);
  }

  @Override
  public String name() {
    return "seg-deepfool";
  }

  @Override
  public boolean suits(Task task) {
    return task instanceof Segmentation;
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("overshoot", overshoot);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    Ball ball = new Ball(norm, epsilon);
    try (Scope scope = Scope.open()) {
      Worst worst = new Worst(oracle, images, labels);
      Tensor x = images.detach().clone(); // written in place
      Objective margins = new MarginSum(labels);
      for (int step = 0; step <= steps; step++) {
        try (Scope each = Scope.open()) {
          Oracle.Point point = oracle.at(x, margins, step);
          worst.note(x, point.logits());
          if (step == steps || point.value().max().item_double() == 0) { // nothing is right
            break;
          }
          x.copy_(ball.project(x.sub(onto(point)), images));
        }
      }
      return scope.keep(worst.images());
    }
  }

  /** From each image to where its linearised value is 0. */
  private Tensor onto(Oracle.Point point) {
    Tensor gradient = point.gradient();
    Tensor flat = gradient.flatten(1, -1);
    Tensor value = Ops.scale(point.value(), 1 + overshoot);
    return switch (norm) {
      case LINF -> {
        Tensor length = value.div(Ops.shift(flat.abs().sum(1), TINY));
        yield gradient.sign().mul(length.view(-1, 1, 1, 1));
      }
      case L2 -> {
        Tensor length = value.div(Ops.shift(flat.mul(flat).sum(1), TINY));
        yield gradient.mul(length.view(-1, 1, 1, 1));
      }
    };
  }
}

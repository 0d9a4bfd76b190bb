package io.realign.target;

import io.realign.task.Outputs;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.ScriptFailure;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Whether attacks can differentiate a target, asked with random images.
 *
 * @param outputs shapes for one image
 * @param reached the share of the image's values with a gradient other than 0
 * @param largest the largest gradient of a random sum of the logits by the image
 * @param problems what keeps attacks from meaning anything, a line each; empty for a sound target
 */
public record GradientProbe(String outputs, double reached, double largest, List<String> problems) {

  private static final double SAME = 1e-3; // of the largest logit: rounding stays below

  /** Copies the problems. */
  public GradientProbe {
    problems = List.copyOf(problems);
  }

  /** Asks {@code target}. */
  public static GradientProbe of(Target target, Seed seed, Compute compute) {
    int side = target.imageSize();
    List<String> problems = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      Tensor images = compute.place(seed.child("images").uniform(0, 1, 2, 3, side, side));
      Tensor one = images.narrow(0, 0, 1).contiguous();
      Tensor logits;
      String shapes;
      try (NoGradGuard guard = new NoGradGuard()) {
        Outputs first = target.forward(one);
        logits = first.logits();
        shapes = shapes(first);
        Tensor both = target.forward(images).logits();
        double scale = Math.max(1e-6, Math.max(largest(logits), largest(both)));
        double again = largest(target.forward(one).logits().sub(logits)) / scale;
        double beside = largest(both.narrow(0, 0, 1).sub(logits)) / scale;
        if (!Double.isFinite(scale)) {
          problems.add("its outputs are not finite");
        } else if (!(again <= SAME)) {
          problems.add(
              "the same image gets other outputs the next time (by %.0f %% of the largest): dropout is left on, say"
                  .formatted(100 * again));
        } else if (!(beside <= SAME)) {
          problems.add(
              "an image gets other outputs beside another image (by %.0f %% of the largest): batch norm is left in training, say"
                  .formatted(100 * beside));
        }
      }
      float[] gradient = new float[0];
      try {
        Tensor x = Ops.leaf(one);
        Tensor out = target.forward(x).logits();
        Tensor weights = compute.place(seed.child("weights").uniform(-1, 1, Ops.shape(out)));
        gradient = Ops.toFloats(Ops.gradient(out.mul(weights).sum(), x));
      } catch (RuntimeException e) { // an operator without a derivative throws when asked for it
        problems.add("gradients do not flow to the image: " + ScriptFailure.reason(e));
      }
      return judged(shapes, gradient, problems);
    }
  }

  private static GradientProbe judged(String shapes, float[] gradient, List<String> problems) {
    int reached = 0;
    double largest = 0;
    boolean finite = true;
    for (float value : gradient) {
      reached += value != 0 ? 1 : 0;
      finite &= Float.isFinite(value);
      largest = Math.max(largest, Math.abs(value));
    }
    if (!finite) {
      problems.add("its gradients by the image are not finite");
    } else if (gradient.length > 0 && reached == 0) {
      problems.add(
          "its gradients by the image are 0: a step that has none (rounding, argmax, detach, 8 bits) cuts them");
    }
    return new GradientProbe(
        shapes, gradient.length == 0 ? 0 : (double) reached / gradient.length, largest, problems);
  }

  private static double largest(Tensor x) {
    double largest = 0;
    for (float value : Ops.toFloats(x)) {
      if (Float.isNaN(value)) {
        return Double.NaN;
      }
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static String shapes(Outputs outputs) {
    return "logits %s, features %s%s"
        .formatted(
            ScriptPath.shape(outputs.logits()),
            ScriptPath.shape(outputs.features()),
            outputs.offsets().map(each -> ", offsets " + ScriptPath.shape(each)).orElse(""));
  }
}

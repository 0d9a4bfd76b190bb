package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The attack of Carlini and Wagner on the pixels of a segmentation net. Nobody has published one;
 * this is this project's reading, in the manner of the paper's released evaluation of classifiers:
 * Adam on ‖δ‖² + c·Σ max(z_y − max_{j≠y} z_j, 0) over the known pixels, in the variable w with x =
 * (tanh w + 1)/2; every point is brought into the ball, and the image keeps the one with the most
 * wrong pixels.
 *
 * @param norm how the ball is measured
 * @param epsilon its radius, in units of the [0,1] range
 * @param steps of Adam
 * @param stepSize of Adam
 * @param constant c
 * @param draws times a randomised target is asked at each point
 */
public record PixelCarliniWagner(
    Norm norm, double epsilon, int steps, double stepSize, double constant, int draws)
    implements Attack {

  /** Checks the constants. */
  public PixelCarliniWagner {
    Constants.check(norm, epsilon, steps, 1, draws);
    Constants.positive("step size", stepSize);
    Constants.positive("constant", constant);
  }

  /** The paper's radius and step for segmentation: L∞, ε .03, 10 steps of .01. */
  public static PixelCarliniWagner standard() {
    return new PixelCarliniWagner(Norm.LINF, .03, 10, .01, 1, 1);
  }

  @Override
  public String name() {
    return "seg-cw";
  }

  @Override
  public boolean suits(Task task) {
    return task instanceof Segmentation;
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("step_size", stepSize);
    values.put("constant", constant);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    Ball ball = new Ball(norm, epsilon);
    try (Scope scope = Scope.open()) {
      Worst worst = new Worst(oracle, images, labels);
      Tensor w = CarliniWagner.inside(images).atanh(); // written in place
      AdamSteps adam = new AdamSteps(w, stepSize);
      for (int step = 1; step <= steps; step++) {
        try (Scope each = Scope.open();
            NoGradGuard guard = new NoGradGuard()) {
          Tensor x = Ops.affine(w.tanh(), .5, .5);
          adam.step(w, gradient(oracle, x, images, labels, step));
          Tensor inside = ball.project(Ops.affine(w.tanh(), .5, .5), images);
          worst.note(inside, oracle.logits(inside, -1L - step));
        }
      }
      return scope.keep(worst.images());
    }
  }

  /** By w, at x. */
  private Tensor gradient(Oracle oracle, Tensor x, Tensor images, Tensor labels, int step) {
    Tensor slope = Ops.scale(x.mul(Ops.affine(x, -1, 1)), 2); // dx/dw = 2·x·(1 − x)
    Tensor lost = oracle.at(x, new MarginSum(labels), step).gradient();
    return Ops.scale(x.sub(images), 2).add(Ops.scale(lost, constant)).mul(slope);
  }
}

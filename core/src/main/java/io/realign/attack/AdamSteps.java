package io.realign.attack;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Adam (Kingma and Ba, 2015) on a variable of an attack, all of it in place. Its moments belong to
 * the scope that it is made in.
 */
final class AdamSteps {

  private static final double BETA1 = .9;
  private static final double BETA2 = .999;
  private static final double TINY = 1e-8;

  private final double stepSize;
  private final Tensor first;
  private final Tensor second;
  private int steps;

  /** Starts with moments of 0, of the shape of {@code variable}. */
  AdamSteps(Tensor variable, double stepSize) {
    this.stepSize = stepSize;
    first = variable.clone().zero_();
    second = variable.clone().zero_();
  }

  /** Moves {@code variable} against the gradient; gradients are not to be recorded. */
  void step(Tensor variable, Tensor gradient) {
    steps++;
    first.mul_(new Scalar(BETA1)).add_(gradient, new Scalar(1 - BETA1));
    second.mul_(new Scalar(BETA2)).addcmul_(gradient, gradient, new Scalar(1 - BETA2));
    Tensor spread =
        Ops.shift(second.sqrt().mul_(new Scalar(1 / Math.sqrt(1 - Math.pow(BETA2, steps)))), TINY);
    variable.addcdiv_(first, spread, new Scalar(-stepSize / (1 - Math.pow(BETA1, steps))));
  }
}

package io.realign.train;

import io.realign.nn.StateDict;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic gradient descent with Nesterov's momentum (Sutskever et al., 2013).
 *
 * <p>Weight decay is for the weights of convolutions and linear layers; biases and what batch norm
 * scales and shifts by, all tensors of one dimension, are left out.
 */
final class Sgd extends NativeOptimiser {

  private final SGD sgd;
  private final double weightDecay;

  /**
   * Call this outside any scope: the optimiser lives as long as the weights do.
   *
   * @param weights all trained
   * @param factor the learning rate of a tensor, by name, as a factor of the step's
   */
  Sgd(StateDict weights, ToDoubleFunction<String> factor, double momentum, double weightDecay) {
    super(weights, factor);
    SGDOptions options = new SGDOptions(.1); // the rate is set at each step
    options.momentum().put(momentum);
    options.nesterov().put(momentum > 0);
    this.sgd = grouped(group -> new SGD(group, options));
    this.weightDecay = weightDecay;
  }

  @Override
  Tensor direction(Tensor weight, Tensor gradient) {
    if (weightDecay == 0 || weight.dim() < 2) {
      return gradient;
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      return gradient.add(weight, new Scalar(weightDecay)); // ∇ + λw
    }
  }

  @Override
  Optimizer optimizer() {
    return sgd;
  }
}

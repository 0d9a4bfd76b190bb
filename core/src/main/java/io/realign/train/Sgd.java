package io.realign.train;

import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Stochastic gradient descent with Nesterov's momentum (Sutskever et al., 2013).
 *
 * <p>Weight decay is for the weights of convolutions and linear layers; biases and what batch norm
 * scales and shifts by, all tensors of one dimension, are left out.
 */
final class Sgd extends NativeOptimiser {

  private final SGD sgd;
  private final double weightDecay;

  /** Call this outside any scope: the optimiser lives as long as the weights do. */
  Sgd(List<Tensor> weights, double momentum, double weightDecay) {
    super(weights);
    SGDOptions options = new SGDOptions(.1); // the rate is set at each step
    options.momentum().put(momentum);
    options.nesterov().put(momentum > 0);
    this.sgd = new SGD(new TensorVector(weights.toArray(Tensor[]::new)), options);
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

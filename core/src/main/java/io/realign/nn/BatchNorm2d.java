package io.realign.nn;

import io.realign.torch.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Batch normalisation of {@code [N,C,H,W]} by channel (Ioffe and Szegedy 2015).
 *
 * <p>While its {@link Params} are in training it uses the statistics of the batch and moves the
 * stored ones towards them; otherwise it uses the stored ones.
 */
public final class BatchNorm2d implements Layer {

  /** PyTorch's ε. */
  public static final double EPSILON = 1e-5;

  /** The share of a batch's statistics that enters the stored ones. */
  public static final double MOMENTUM = 0.1;

  private final Params params;
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor mean;
  private final Tensor variance;
  private final double epsilon;
  private final double momentum;

  private BatchNorm2d(Params params, int channels, double epsilon, double momentum) {
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("epsilon must be above 0, not " + epsilon);
    }
    if (!(momentum > 0 && momentum <= 1)) {
      throw new IllegalArgumentException("momentum must be in (0, 1], not " + momentum);
    }
    this.params = params;
    this.weight = params.parameter("weight", Init.constant(1), channels);
    this.bias = params.parameter("bias", Init.constant(0), channels);
    this.mean = params.buffer("running_mean", Init.constant(0), channels);
    this.variance = params.buffer("running_var", Init.constant(1), channels);
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  /**
   * Declares {@code weight}, {@code bias}, {@code running_mean} and {@code running_var}, each [C].
   */
  public static BatchNorm2d of(Params p, int channels) {
    return of(p, channels, EPSILON, MOMENTUM);
  }

  /** As {@link #of(Params, int)}, with another ε and momentum. */
  public static BatchNorm2d of(Params p, int channels, double epsilon, double momentum) {
    return new BatchNorm2d(p, channels, epsilon, momentum);
  }

  @Override
  public Tensor forward(Tensor x) {
    return torch.batch_norm(
        x,
        new TensorOptional(weight),
        new TensorOptional(bias),
        new TensorOptional(mean),
        new TensorOptional(variance),
        params.training(),
        momentum,
        epsilon,
        true);
  }

  /** What this layer does to a channel on stored statistics: {@code x·scale + shift}, each [C]. */
  Affine affine() {
    try (NoGradGuard guard = new NoGradGuard();
        Scope scope = Scope.open()) {
      Tensor scale = weight.mul(variance.add(new Scalar(epsilon)).rsqrt()); // γ/√(σ²+ε)
      Tensor shift = bias.sub(mean.mul(scale)); // β − μγ/√(σ²+ε)
      return new Affine(scope.keep(scale), scope.keep(shift));
    }
  }

  /** Scale and shift by channel. */
  record Affine(Tensor scale, Tensor shift) {}
}

package io.realign.nn;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Dropout (Srivastava et al., 2014): while its {@link Params} are in training, each value is 0 with
 * probability {@code share} and otherwise larger by 1 / (1 − share).
 *
 * <p>What it draws is a function of {@link Params#draws}: set that before each step.
 *
 * @param params whose mode it follows, and under whose name it draws
 * @param share of the values that are dropped, in [0,1)
 */
public record Dropout(Params params, double share) implements Layer {

  /** Checks the share. */
  public Dropout {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("dropout's share must be in [0,1), not " + share);
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!params.training() || share == 0) {
      return x;
    }
    Tensor kept = params.uniform(x.sizes().vec().get()).ge(new Scalar(share));
    return x.mul(Ops.scale(kept.to(x.scalar_type()), 1 / (1 - share)));
  }
}

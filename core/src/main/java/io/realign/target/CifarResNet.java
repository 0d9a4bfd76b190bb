package io.realign.target;

import io.realign.nn.Init;
import io.realign.nn.Linear;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The residual net for CIFAR of He et al. 2016, section 4.2, of depth {@code 6n+2}: three stages of
 * {@code n} blocks, shortcuts without parameters (option A).
 *
 * <p>Its tensors are named as in akamaster/pytorch_resnet_cifar10.
 */
public final class CifarResNet implements Net {

  private final ResidualBody body;
  private final Linear last;

  /**
   * Declares the net.
   *
   * @param depth 20, 32, 44, 56 and so on
   */
  public CifarResNet(Params p, int depth, int classes) {
    if (depth < 8 || depth % 6 != 2) {
      throw new IllegalArgumentException("depth must be 6n+2 with n ≥ 1, not " + depth);
    }
    body = new ResidualBody(p, (depth - 2) / 6);
    last = Linear.of(p.sub("linear"), ResidualBody.CHANNELS, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor features = Ops.globalAvgPool(body.forward(x)); // [N,64,H/4,W/4] → [N,64]
    return new Outputs(last.forward(features), features);
  }

  @Override
  public Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return Optional.of(body.trunk(normalisation));
  }
}

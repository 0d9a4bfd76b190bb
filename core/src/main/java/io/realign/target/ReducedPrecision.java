package io.realign.target;

import io.realign.task.Outputs;
import io.realign.torch.Autocast;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * A target whose convolutions and matrix products run in bfloat16; its outputs are fp32. For
 * attacks alone: their images are scored by the target itself.
 *
 * @param target the target in fp32
 * @param compute which says bf16
 */
public record ReducedPrecision(Target target, Compute compute) implements ForwardingTarget {

  /** The target as {@code compute} asks for it: {@code target} itself in fp32. */
  public static Target of(Target target, Compute compute) {
    return compute.precision() == Compute.Precision.BF16
        ? new ReducedPrecision(target, compute)
        : target;
  }

  @Override
  public Target drawn(Seed draws) {
    return randomised() ? new ReducedPrecision(target.drawn(draws), compute) : this;
  }

  @Override
  public Outputs forward(Tensor images) {
    try (Autocast autocast = Autocast.open(compute)) {
      return target.forward(images).inFloat();
    }
  }
}

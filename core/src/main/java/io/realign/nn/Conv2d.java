package io.realign.nn;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Convolution {@code [N,in,H,W] → [N,out,H',W']} with zero padding. */
public record Conv2d(Tensor weight, @Nullable Tensor bias, int stride, int padding, int groups)
    implements Layer {

  /** Declares {@code weight} [out,in,k,k] and {@code bias} [out]. */
  public static Conv2d of(
      Params p, int in, int out, int kernel, int stride, int padding, Init init) {
    return new Conv2d(
        p.parameter("weight", init, out, in, kernel, kernel),
        p.parameter("bias", Init.constant(0), out),
        stride,
        padding,
        1);
  }

  /** Declares {@code weight} [out,in/groups,k,k] alone. */
  public static Conv2d withoutBias(
      Params p, int in, int out, int kernel, int stride, int padding, int groups, Init init) {
    return new Conv2d(
        p.parameter("weight", init, out, in / groups, kernel, kernel),
        null,
        stride,
        padding,
        groups);
  }

  @Override
  public Tensor forward(Tensor x) {
    return Ops.conv2d(x, weight, bias, stride, padding, groups);
  }
}

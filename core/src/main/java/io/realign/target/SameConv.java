package io.realign.target;

import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Convolutions;
import org.bytedeco.pytorch.Tensor;

/**
 * A convolution with bias, padded as TensorFlow's SAME: the output is {@code ⌈size/stride⌉} wide,
 * the odd row and column of padding lie at bottom and right.
 */
record SameConv(Tensor weight, Tensor bias, int kernel, int stride, int dilation, int groups)
    implements Layer {

  /** Declares {@code weight} [out,in/groups,k,k] and {@code bias} [out]. */
  static SameConv of(Params p, int in, int out, int kernel, int stride, int dilation, int groups) {
    return new SameConv(
        p.parameter("weight", Init.heFanOut(), out, in / groups, kernel, kernel),
        p.parameter("bias", Init.constant(0), out),
        kernel,
        stride,
        dilation,
        groups);
  }

  /** Without dilation and groups. */
  static SameConv of(Params p, int in, int out, int kernel, int stride) {
    return of(p, in, out, kernel, stride, 1, 1);
  }

  @Override
  public Tensor forward(Tensor x) {
    return Convolutions.conv2dSame(x, weight, bias, stride, dilation, groups);
  }
}

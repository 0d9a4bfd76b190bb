package io.realign.target;

import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
    int down = padding(x.size(2));
    int right = padding(x.size(3));
    if (down == right && down % 2 == 0) {
      return Ops.conv2d(x, weight, bias, stride, down / 2, dilation, groups);
    }
    Tensor padded =
        torch.constant_pad_nd(x, right / 2, right - right / 2, down / 2, down - down / 2);
    return Ops.conv2d(padded, weight, bias, stride, 0, dilation, groups);
  }

  private int padding(long size) {
    long out = Math.ceilDiv(size, stride);
    return (int) Math.max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - size);
  }
}

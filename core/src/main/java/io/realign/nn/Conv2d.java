package io.realign.nn;

import io.realign.torch.Convolutions;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Convolution {@code [N,in,H,W] → [N,out,H',W']} with zero padding, of pixels {@code dilation}
 * apart. A kernel of one row or one column is padded along its other axis alone.
 */
public record Conv2d(
    Tensor weight, @Nullable Tensor bias, int stride, int padding, int dilation, int groups)
    implements Layer {

  /** Of neighbouring pixels. */
  public Conv2d(Tensor weight, @Nullable Tensor bias, int stride, int padding, int groups) {
    this(weight, bias, stride, padding, 1, groups);
  }

  /** Declares {@code weight} [out,in,k,k] and {@code bias} [out]. */
  public static Conv2d of(
      Params p, int in, int out, int kernel, int stride, int padding, Init init) {
    return of(p, in, out, kernel, stride, padding, 1, init);
  }

  /** The same of pixels {@code dilation} apart. */
  public static Conv2d of(
      Params p, int in, int out, int kernel, int stride, int padding, int dilation, Init init) {
    return new Conv2d(
        p.parameter("weight", init, out, in, kernel, kernel),
        p.parameter("bias", Init.constant(0), out),
        stride,
        padding,
        dilation,
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

  /**
   * Declares {@code weight} [out,in,height,width] alone; the padding keeps the size.
   *
   * @param height of the kernel, odd
   * @param width of the kernel, odd; one of the two is 1
   */
  public static Conv2d rectangular(Params p, int in, int out, int height, int width, Init init) {
    return new Conv2d(
        p.parameter("weight", init, out, in, height, width),
        null,
        1,
        Math.max(height, width) / 2,
        1);
  }

  /** The same of pixels {@code other} apart, padded so that the size stays at stride 1. */
  public Conv2d dilated(int other) {
    int kernel = Math.toIntExact(weight.size(2));
    return new Conv2d(weight, bias, stride, other * (kernel / 2), other, groups);
  }

  @Override
  public Tensor forward(Tensor x) {
    return Convolutions.conv2d(x, weight, bias, stride, padding, dilation, groups);
  }
}

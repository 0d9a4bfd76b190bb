package io.realign.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Convolutions of images and maps, {@code [N,C,H,W]}, under plain signatures. */
public final class Convolutions {

  private Convolutions() {}

  /** Convolution; {@code weight} is {@code [out, in/groups, k, k]}. */
  public static Tensor conv2d(
      Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding, int groups) {
    return conv2d(x, weight, bias, stride, padding, 1, groups);
  }

  /** The same of pixels that are {@code dilation} apart. */
  public static Tensor conv2d(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      int stride,
      int padding,
      int dilation,
      int groups) {
    long[] zeros = paddings(weight, padding);
    return Recording.step(
        new Operator.Convolution(
            stride, new Operator.Padding((int) zeros[0], (int) zeros[1]), dilation, groups),
        convolved(x, weight, bias, stride, padding, dilation, groups),
        present(x, weight, bias));
  }

  private static Tensor convolved(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      int stride,
      int padding,
      int dilation,
      int groups) {
    boolean cut = dilation == 1 && ImageGradients.cuts(x, weight, stride, padding, groups);
    Tensor used =
        dilation == 1 ? MatrixGradients.weight(x, weight, stride, padding, groups) : weight;
    Tensor y =
        torch.conv2d(
            cut ? x.detach() : x,
            used,
            optional(bias),
            new long[] {stride, stride},
            paddings(weight, padding),
            new long[] {dilation, dilation},
            groups);
    MatrixGradients.convolved(x, weight, used, y);
    MultiplyAdds.add(x, weight, () -> y.size(0) * y.size(2) * y.size(3));
    return cut ? ImageGradients.cut(x, weight, y) : y;
  }

  /**
   * The same, padded as TensorFlow's SAME: the output is {@code ⌈size/stride⌉} wide, the odd row
   * and column of padding lie at bottom and right.
   */
  public static Tensor conv2dSame(
      Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int dilation, int groups) {
    int kernel = Math.toIntExact(weight.size(2));
    int span = (kernel - 1) * dilation + 1;
    int down = missing(x.size(2), stride, span);
    int right = missing(x.size(3), stride, span);
    boolean even = down == right && down % 2 == 0;
    Tensor padded =
        even
            ? x
            : torch.constant_pad_nd(x, right / 2, right - right / 2, down / 2, down - down / 2);
    return Recording.step(
        new Operator.SameConvolution(kernel, stride, dilation, groups),
        convolved(padded, weight, bias, stride, even ? down / 2 : 0, dilation, groups),
        present(x, weight, bias));
  }

  private static int missing(long size, int stride, int span) {
    long out = Math.ceilDiv(size, stride);
    return (int) Math.max(0, (out - 1) * stride + span - size);
  }

  private static Tensor[] present(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
  }

  /** A kernel of one row or one column is padded along its other axis alone. */
  private static long[] paddings(Tensor weight, int padding) {
    long height = weight.size(2);
    long width = weight.size(3);
    return height == width
        ? new long[] {padding, padding}
        : new long[] {height == 1 ? 0 : padding, width == 1 ? 0 : padding};
  }

  /** Transposed convolution; {@code weight} is {@code [in, out, k, k]}. */
  public static Tensor convTranspose2d(
      Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding, int outputPadding) {
    MultiplyAdds.add(x, weight, () -> x.size(0) * x.size(2) * x.size(3));
    Tensor y =
        torch.conv_transpose2d(
            x,
            weight,
            optional(bias),
            new long[] {stride, stride},
            new long[] {padding, padding},
            new long[] {outputPadding, outputPadding},
            1,
            1,
            1);
    return Recording.step(
        new Operator.TransposedConvolution(stride, padding, outputPadding),
        y,
        present(x, weight, bias));
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }
}

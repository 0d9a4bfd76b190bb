package io.realign.nn;

import io.realign.torch.Convolutions;
import org.bytedeco.pytorch.Tensor;

/**
 * Transposed convolution {@code [N,in,H,W] → [N,out,H·stride,W·stride]} for kernel 3, padding 1,
 * output padding 1.
 */
public record ConvTranspose2d(
    Tensor weight, Tensor bias, int stride, int padding, int outputPadding) implements Layer {

  /** Declares {@code weight} [in,out,k,k] and {@code bias} [out]. */
  public static ConvTranspose2d of(
      Params p,
      int in,
      int out,
      int kernel,
      int stride,
      int padding,
      int outputPadding,
      Init init) {
    return new ConvTranspose2d(
        p.parameter("weight", init, in, out, kernel, kernel),
        p.parameter("bias", Init.constant(0), out),
        stride,
        padding,
        outputPadding);
  }

  @Override
  public Tensor forward(Tensor x) {
    return Convolutions.convTranspose2d(x, weight, bias, stride, padding, outputPadding);
  }
}

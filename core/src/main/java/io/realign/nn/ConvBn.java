package io.realign.nn;

import io.realign.torch.Scope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A convolution without bias, then batch norm; freezing its {@link Params} folds the two into one
 * convolution with bias.
 *
 * <p>The tensors in the state dictionary keep the values they had before folding.
 */
public final class ConvBn implements Layer {

  private Conv2d conv;
  private @Nullable BatchNorm2d norm;

  private ConvBn(Conv2d conv, BatchNorm2d norm) {
    this.conv = conv;
    this.norm = norm;
  }

  /**
   * Declares the convolution under {@code conv} and the batch norm under {@code norm}.
   *
   * @param kernel an odd width; the padding keeps the size at stride 1
   */
  public static ConvBn of(
      Params p, String conv, String norm, int in, int out, int kernel, int stride) {
    return of(p, conv, norm, in, out, kernel, stride, 1);
  }

  /** The same of pixels {@code dilation} apart. */
  public static ConvBn of(
      Params p, String conv, String norm, int in, int out, int kernel, int stride, int dilation) {
    Conv2d plain =
        Conv2d.withoutBias(p.sub(conv), in, out, kernel, stride, kernel / 2, 1, Init.heFanOut());
    return of(p, dilation == 1 ? plain : plain.dilated(dilation), norm);
  }

  /** The same with a kernel of {@code height} by {@code width}, both odd, at stride 1. */
  public static ConvBn rectangular(
      Params p, String conv, String norm, int in, int out, int height, int width) {
    return of(p, Conv2d.rectangular(p.sub(conv), in, out, height, width, Init.heFanOut()), norm);
  }

  /** The same without padding, at stride 1. */
  public static ConvBn unpadded(Params p, String conv, String norm, int in, int out, int kernel) {
    return of(p, Conv2d.withoutBias(p.sub(conv), in, out, kernel, 1, 0, 1, Init.heFanOut()), norm);
  }

  private static ConvBn of(Params p, Conv2d conv, String norm) {
    ConvBn layer =
        new ConvBn(conv, BatchNorm2d.of(p.sub(norm), Math.toIntExact(conv.weight().size(0))));
    p.onFreeze(layer::fold);
    return layer;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = conv.forward(x);
    return norm == null ? y : norm.forward(y);
  }

  /** Whether one convolution does it all. */
  public boolean folded() {
    return norm == null;
  }

  /** The convolution alone; after folding it does all. */
  public Conv2d conv() {
    return conv;
  }

  private void fold() {
    if (norm == null) {
      return;
    }
    BatchNorm2d.Affine affine = norm.affine();
    Tensor weight =
        Scope.result(
            () -> {
              try (NoGradGuard guard = new NoGradGuard()) {
                return conv.weight().mul(affine.scale().view(-1, 1, 1, 1)); // [out,in,k,k]
              }
            });
    conv =
        new Conv2d(
            weight, affine.shift(), conv.stride(), conv.padding(), conv.dilation(), conv.groups());
    norm = null;
  }
}

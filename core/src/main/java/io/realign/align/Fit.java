package io.realign.align;

import io.realign.torch.Ops;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Images of any size through a net that takes some sizes only. */
final class Fit {

  private Fit() {}

  /**
   * Mirrored at the right and the bottom to a size that the net takes; the result is cut back.
   *
   * @param images {@code [N,3,H,W]}
   * @param multiple what sides must be multiples of
   */
  static Tensor padded(Tensor images, int multiple, UnaryOperator<Tensor> net) {
    long height = images.size(2);
    long width = images.size(3);
    long[] missing = {0, missing(width, multiple), 0, missing(height, multiple)};
    if (missing[1] == 0 && missing[3] == 0) {
      return net.apply(images);
    }
    Tensor whole = torch.pad(images, missing, "reflect", new DoubleOptional());
    return net.apply(whole).narrow(2, 0, height).narrow(3, 0, width);
  }

  /** Resized to a square and back, bilinearly, as the paper has it where sizes differ. */
  static Tensor resized(Tensor images, int side, UnaryOperator<Tensor> net) {
    int height = Math.toIntExact(images.size(2));
    int width = Math.toIntExact(images.size(3));
    if (height == side && width == side) {
      return net.apply(images);
    }
    return Ops.resize(net.apply(Ops.resize(images, side, side)), height, width);
  }

  private static long missing(long size, int multiple) {
    return (multiple - size % multiple) % multiple;
  }
}

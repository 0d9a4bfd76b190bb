package io.realign.align;

import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

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
    Tensor whole = Shapes.mirrorToMultiple(images, multiple);
    return Shapes.cutLike(net.apply(whole), images);
  }

  /** Resized to a square and back, bilinearly, as the paper has it where sizes differ. */
  static Tensor resized(Tensor images, int side, UnaryOperator<Tensor> net) {
    return Ops.resizeLike(net.apply(Ops.resize(images, side, side)), images);
  }
}

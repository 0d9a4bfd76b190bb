package io.realign.evaluate;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import org.bytedeco.pytorch.Tensor;

/** Attacked images as a file of 8 bits a channel can hold them. */
public final class EightBit {

  /** A change this little short of a whole level, in levels, is fp32's rounding of that level. */
  private static final double SLACK = 5e-5;

  private EightBit() {}

  /**
   * The attacked images with each change cut to whole levels, towards the clean image, so that no
   * norm of the change grows: {@code x_c + trunc(255·(x_a − x_c))/255}.
   *
   * @param attacked {@code [N,3,H,W]} in [0,1]
   * @param clean likewise, on the grid k/255
   */
  public static Tensor towards(Tensor attacked, Tensor clean) {
    try (Scope scope = Scope.open()) {
      Tensor change = Ops.scale(attacked.sub(clean), 255);
      Tensor levels = change.add(Ops.scale(change.sign(), SLACK)).trunc();
      Tensor grid = Ops.scale(clean, 255).round().add(levels);
      return scope.keep(grid.div(new org.bytedeco.pytorch.Scalar(255.0)));
    }
  }
}

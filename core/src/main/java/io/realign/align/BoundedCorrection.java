package io.realign.align;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import org.bytedeco.pytorch.Tensor;

/**
 * The last layer of a generator for two cores: x̂ = clamp(x + range·tanh(conv(h)), 0, 1), where
 * each place of h corrects a square of patch² pixels.
 */
final class BoundedCorrection {

  private final int patch;
  private final double range;
  private final Conv2d head;

  /**
   * Declares {@code head}.
   *
   * @param filters channels of h
   * @param patch side of the square
   * @param range the largest correction of a pixel, in units of the [0,1] range
   * @param deviation of the first weights: a small one lets it start near the identity
   */
  BoundedCorrection(Params p, int filters, int patch, double range, double deviation) {
    this.patch = patch;
    this.range = range;
    this.head = Conv2d.of(p.sub("head"), filters, values(patch), 3, 1, 1, Init.normal(deviation));
  }

  /** Values of the pixels at one place. */
  static int values(int patch) {
    return 3 * patch * patch;
  }

  /**
   * x̂.
   *
   * @param images {@code [N,3,H·patch,W·patch]} in [0,1]
   * @param h {@code [N,f,H,W]}
   */
  Tensor of(Tensor images, Tensor h) {
    Tensor placed = Ops.scale(Ops.tanhInPlace(head.forward(h)), range); // [N,3·patch²,H,W]
    return Ops.clamp(Ops.add(images, Shapes.channelsToSquares(placed, patch)), 0, 1);
  }

  /** Checks a configured range. */
  static void check(double range) {
    if (!(range > 0 && range <= 1)) {
      throw new IllegalArgumentException("a generator's range must be in (0,1], not " + range);
    }
  }
}

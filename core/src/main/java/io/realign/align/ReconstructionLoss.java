package io.realign.align;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** L_r, equation (1): how far the repaired images are from what they should be, pixel by pixel. */
public record ReconstructionLoss(PixelScheme scheme) {

  /**
   * A scalar.
   *
   * @param clean x_c
   * @param repairedClean x̂_c
   * @param repairedAttacked x̂_a, all {@code [N,3,H,W]}
   */
  public Tensor of(Tensor clean, Tensor repairedClean, Tensor repairedAttacked) {
    // L_r = mean|x̂_c − x_c| + mean|x̂_a − x̂_c|; traditional: the last x̂_c is x_c
    Tensor reference =
        switch (scheme) {
          case ALIGNED -> repairedClean;
          case TRADITIONAL -> clean;
        };
    return Ops.meanAbs(repairedClean, clean).add(Ops.meanAbs(repairedAttacked, reference));
  }
}

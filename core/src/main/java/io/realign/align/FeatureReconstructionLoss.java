package io.realign.align;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** L_Frec, equation (6): mean|ẑ_c − z_c| + mean|ẑ_a − z_c| in the target's feature space. */
public final class FeatureReconstructionLoss {

  private FeatureReconstructionLoss() {}

  /** A scalar; {@code clean} is z_c and passes no gradient on. */
  public static Tensor of(Tensor clean, Tensor repairedClean, Tensor repairedAttacked) {
    Tensor reference = clean.detach();
    return Ops.meanAbs(repairedClean, reference).add(Ops.meanAbs(repairedAttacked, reference));
  }
}

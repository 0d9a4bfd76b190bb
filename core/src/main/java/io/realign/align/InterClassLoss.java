package io.realign.align;

import io.realign.task.ClassFeatures;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * L_Finter, equation (8): Σ_k Σ_{i≠k} max(0, M − mean|m̂_a(k) − m̂_a(i)|), over ordered pairs of
 * the classes in the batch.
 *
 * <p>The paper prints no hinge; without it M would have no gradient and could not control the
 * distance as the text says.
 *
 * @param margin M
 */
public record InterClassLoss(double margin) {

  /** A scalar. */
  public Tensor of(ClassFeatures repairedAttacked) {
    Tensor centres = repairedAttacked.centres(); // [K,D]
    Tensor distances =
        centres.unsqueeze(1).sub(centres.unsqueeze(0)).abs().mean(new long[] {2}); // [K,K]
    Tensor hinge = Ops.affine(distances, -1, margin).clamp_min(new Scalar(0.0));
    Tensor present = repairedAttacked.present();
    Tensor pairs = present.unsqueeze(1).mul(present.unsqueeze(0)); // [K,K]
    Tensor ordered = pairs.sub(pairs.diagonal().diag_embed());
    return hinge.mul(ordered).sum();
  }
}

package io.realign.task;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The focal loss (Lin et al., 2017, arXiv 1708.02002, equation 5) of a sigmoid for each class:
 * −α_t·(1 − p_t)^γ·log p_t over all priors, with γ = 2 and α = .75 as TensorFlow trains its small
 * detectors. What is nearly right weighs next to nothing, so none of the many backgrounds has to be
 * left out.
 */
final class FocalLoss {

  private static final double ALPHA = .75; // of a class that is there; of others 1 − α

  private FocalLoss() {}

  /**
   * The sum over the classes.
   *
   * @param logits {@code [N,P,K+1]}, background first and unused
   * @param label {@code [N,P]} int64, 0 for background
   * @return {@code [N,P]}
   */
  static Tensor of(Tensor logits, Tensor label) {
    Tensor there = Ops.oneHot(label, Math.toIntExact(logits.size(2)));
    Tensor entropy = torch.softplus(logits).sub(logits.mul(there)); // −log p_t
    Tensor missed = logits.sigmoid().sub(there); // ±(1 − p_t)
    Tensor weight = Ops.affine(there, 2 * ALPHA - 1, 1 - ALPHA);
    return entropy.mul(missed.mul(missed)).mul(weight).narrow(2, 1, logits.size(2) - 1).sum(2);
  }
}

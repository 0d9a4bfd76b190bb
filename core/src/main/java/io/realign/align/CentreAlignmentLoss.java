package io.realign.align;

import io.realign.task.ClassFeatures;
import org.bytedeco.pytorch.Tensor;

/** L_Falign, equation (7): Σ_k mean|m_c(k) − m̂_a(k)|, over the classes in the batch. */
public final class CentreAlignmentLoss {

  private CentreAlignmentLoss() {}

  /** A scalar; {@code clean} holds z_c and passes no gradient on. */
  public static Tensor of(ClassFeatures clean, ClassFeatures repairedAttacked) {
    // a class without rows has the centre 0 on both sides and adds nothing
    return clean
        .centres()
        .detach()
        .sub(repairedAttacked.centres())
        .abs()
        .mean(new long[] {1})
        .sum(); // [K,D] → [K] → scalar
  }
}

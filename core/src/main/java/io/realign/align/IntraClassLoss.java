package io.realign.align;

import io.realign.task.ClassFeatures;
import org.bytedeco.pytorch.Tensor;

/**
 * L_Fintra, equation (8): Σ_k mean|ẑ_a(k) − m̂_a(k)|, the mean over the rows of a class and their
 * features.
 */
public final class IntraClassLoss {

  private IntraClassLoss() {}

  /** A scalar. */
  public static Tensor of(ClassFeatures repairedAttacked) {
    Tensor own =
        repairedAttacked.member().matmul(repairedAttacked.centres()); // [M,D]: each row's centre
    Tensor distances = repairedAttacked.rows().sub(own).abs().mean(new long[] {1}); // [M]
    Tensor byClass = repairedAttacked.member().t().mv(distances); // [K]
    return byClass.div(repairedAttacked.atLeastOne()).sum();
  }
}

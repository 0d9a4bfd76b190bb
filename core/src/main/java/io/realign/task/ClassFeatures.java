package io.realign.task;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Feature rows z(k) of a batch, grouped by class k.
 *
 * @param rows {@code [M,D]} z: one row an image, a pixel or a box
 * @param labels {@code [M]} the class of each, {@link Ops#NO_LABEL} where unknown
 * @param member {@code [M,K]} 1 where the row is of the class, else 0
 * @param counts {@code [K]} rows of each class
 */
public record ClassFeatures(Tensor rows, Tensor labels, Tensor member, Tensor counts) {

  /** Groups {@code rows} [M,D] by {@code labels} [M]. */
  public static ClassFeatures of(Tensor rows, Tensor labels, int classes) {
    Tensor member = Ops.oneHot(labels, classes);
    return new ClassFeatures(rows, labels, member, member.sum(0));
  }

  /** m(k), the centre of each class: {@code [K,D]}; zero for a class without rows. */
  public Tensor centres() {
    // a sum, not a matrix product: autocast would round that to bf16
    Tensor sums = member.unsqueeze(2).mul(rows.unsqueeze(1)).sum(0); // [M,K,1]·[M,1,D] → [K,D]
    return sums.div(atLeastOne().unsqueeze(1));
  }

  /** 1 for the classes that have rows, 0 for the others: {@code [K]}. */
  public Tensor present() {
    return counts.gt(new Scalar(0)).to(counts.scalar_type());
  }

  /** Rows of each class, 1 for a class without any: a safe divisor, {@code [K]}. */
  public Tensor atLeastOne() {
    return counts.clamp_min(new Scalar(1.0));
  }
}

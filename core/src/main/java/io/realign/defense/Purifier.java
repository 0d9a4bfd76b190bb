package io.realign.defense;

import org.bytedeco.pytorch.Tensor;

/** Repairs images before a target sees them. */
public interface Purifier {

  /** The name in reports. */
  String name();

  /**
   * The repaired images, differentiable by {@code images}.
   *
   * @param images {@code [N,3,H,W]} in [0,1]
   * @return the same shape and range
   */
  Tensor purify(Tensor images);
}

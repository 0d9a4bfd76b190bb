package io.realign.defense;

import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/** Repairs images before a target sees them. */
public interface Purifier {

  /** The name in reports. */
  String name();

  /** Whether the same images may be repaired in another way the next time. */
  default boolean randomised() {
    return false;
  }

  /**
   * This purifier with its random choices made: a function of {@code draws}. A purifier without any
   * is its own.
   */
  default Purifier drawn(Seed draws) {
    return this;
  }

  /**
   * The repaired images, differentiable by {@code images}.
   *
   * @param images {@code [N,3,H,W]} in [0,1]
   * @return the same shape and range
   */
  Tensor purify(Tensor images);
}

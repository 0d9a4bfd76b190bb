package io.realign.target;

import io.realign.task.Outputs;
import org.bytedeco.pytorch.Tensor;

/** A net's layers: from normalised images to scores. */
@FunctionalInterface
public interface Classifier {

  /**
   * The scores.
   *
   * @param x {@code [N,3,H,W]}, normalised as the net wants it
   * @return logits {@code [N,K]} and what the last layer sees, {@code [N,D]}
   */
  Outputs forward(Tensor x);
}

package io.realign.target;

import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.task.Task;
import org.bytedeco.pytorch.Tensor;

/** A net's layers: from normalised images to what its task asks for. */
@FunctionalInterface
public interface Net {

  /** What it is made for, once its weights are loaded. */
  default Task task() {
    return new Classification();
  }

  /**
   * The net's outputs.
   *
   * @param x {@code [N,3,H,W]}, normalised as the net wants it
   */
  Outputs forward(Tensor x);
}

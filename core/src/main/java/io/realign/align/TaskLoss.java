package io.realign.align;

import io.realign.task.Outputs;
import io.realign.task.Task;
import org.bytedeco.pytorch.Tensor;

/**
 * L_Ftask, equation (5): L_o(x̂_c, y) + L_o(x̂_a, y), the loss that the target was trained with.
 */
public record TaskLoss(Task task) {

  /** A scalar. */
  public Tensor of(Outputs repairedClean, Outputs repairedAttacked, Tensor labels) {
    return task.loss(repairedClean, labels).add(task.loss(repairedAttacked, labels));
  }
}

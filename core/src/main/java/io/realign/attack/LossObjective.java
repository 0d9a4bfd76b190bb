package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.task.Task;
import org.bytedeco.pytorch.Tensor;

/** The loss that the target was trained with: −log p_y for classification. */
record LossObjective(Task task, Tensor labels) implements Objective {

  @Override
  public Tensor of(Outputs outputs) {
    return task.losses(outputs, labels);
  }

  @Override
  public Objective rows(Tensor rows) {
    return new LossObjective(task, labels.index_select(0, rows));
  }
}

package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * −max(z_y − max_{j≠y} z_j, 0): the margin of Carlini and Wagner, 2017, which stops pulling once it
 * is lost.
 */
record MarginObjective(Tensor labels) implements Objective {

  @Override
  public Tensor of(Outputs outputs) {
    return Ops.margin(outputs.logits(), labels).clamp_min(new Scalar(0.0)).neg();
  }

  @Override
  public Objective rows(Tensor rows) {
    return new MarginObjective(labels.index_select(0, rows));
  }
}

package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * max(z_y − max_{j≠y} z_j + κ, 0) of Carlini and Wagner (2017, arXiv 1608.04644), which is to
 * become 0.
 *
 * @param labels y {@code [N]}
 * @param confidence κ ≥ 0
 */
record LostMargin(Tensor labels, double confidence) implements Objective {

  @Override
  public Tensor of(Outputs outputs) {
    Tensor margin = Ops.margin(outputs.logits(), labels);
    return Ops.shift(margin, confidence).clamp_min(new Scalar(0.0));
  }

  @Override
  public Objective rows(Tensor rows) {
    return new LostMargin(labels.index_select(0, rows), confidence);
  }
}

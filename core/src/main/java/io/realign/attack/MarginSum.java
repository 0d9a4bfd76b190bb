package io.realign.attack;

import io.realign.task.Outputs;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Σ of z_y − max_{j≠y} z_j over the pixels that are known and still right: ≥ 0, and 0 once all are
 * wrong.
 *
 * @param labels {@code [N,H,W]}
 */
record MarginSum(Tensor labels) implements Objective {

  @Override
  public Tensor of(Outputs outputs) {
    Tensor margins = PixelObjective.margins(outputs.logits(), labels); // [N,H,W]
    Tensor known = labels.ge(new Scalar(0)).to(margins.scalar_type());
    return margins.clamp_min(new Scalar(0.0)).mul(known).flatten(1, -1).sum(1);
  }

  @Override
  public Objective rows(Tensor rows) {
    return new MarginSum(labels.index_select(0, rows));
  }
}

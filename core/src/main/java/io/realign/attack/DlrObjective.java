package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * The difference of logits ratio, −(z_y − max_{j≠y} z_j) / (z_π1 − z_π3), π sorting the logits from
 * the largest: blind to shift and scale (Croce and Hein, 2020, arXiv 2003.01690, equation 6).
 *
 * <p>With two classes the ratio is constant, so the plain difference is climbed.
 */
record DlrObjective(Tensor labels) implements Objective {

  /** Keeps the ratio finite where logits are equal. */
  static final double TINY = 1e-12;

  @Override
  public Tensor of(Outputs outputs) {
    Tensor logits = outputs.logits();
    Tensor own = Ops.oneHot(labels, (int) logits.size(1)); // [N,K]
    Tensor label = logits.mul(own).sum(1);
    Tensor other = Ops.max(logits.sub(Ops.scale(own, 1e9)), 1);
    Tensor lost = other.sub(label);
    if (logits.size(1) < 3) {
      return lost;
    }
    Tensor sorted = logits.sort(1, true).get0();
    return lost.div(Ops.shift(sorted.select(1, 0).sub(sorted.select(1, 2)), TINY));
  }

  @Override
  public Objective rows(Tensor rows) {
    return new DlrObjective(labels.index_select(0, rows));
  }
}

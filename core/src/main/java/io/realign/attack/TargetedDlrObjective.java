package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * The targeted difference of logits ratio, −(z_y − z_t) / (z_π1 − (z_π3 + z_π4)/2) (Croce and Hein,
 * 2020, arXiv 2003.01690, equation 7).
 *
 * <p>With three classes the divisor is z_π1 − z_π3, with two there is none.
 *
 * @param labels y {@code [N]}
 * @param wanted t {@code [N]}
 */
record TargetedDlrObjective(Tensor labels, Tensor wanted) implements Objective {

  @Override
  public Tensor of(Outputs outputs) {
    Tensor logits = outputs.logits();
    Tensor gained =
        logits.gather(1, wanted.unsqueeze(1)).sub(logits.gather(1, labels.unsqueeze(1))).squeeze(1);
    long classes = logits.size(1);
    if (classes < 3) {
      return gained;
    }
    Tensor sorted = logits.sort(1, true).get0();
    Tensor third = sorted.select(1, 2);
    Tensor low = classes < 4 ? third : Ops.scale(third.add(sorted.select(1, 3)), .5);
    return gained.div(Ops.shift(sorted.select(1, 0).sub(low), DlrObjective.TINY));
  }

  @Override
  public Objective rows(Tensor rows) {
    return new TargetedDlrObjective(labels.index_select(0, rows), wanted.index_select(0, rows));
  }
}

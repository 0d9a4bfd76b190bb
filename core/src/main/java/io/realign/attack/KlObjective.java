package io.realign.attack;

import io.realign.task.Outputs;
import org.bytedeco.pytorch.Tensor;

/**
 * KL(p_adv ‖ p_clean) = Σ_k p_adv(k)·(log p_adv(k) − log p_clean(k)).
 *
 * <p>TRADES' own code climbs the other direction, KL(p_clean ‖ p_adv); with the paper's four steps
 * that is the weaker attack (docs/papers.md has the figures).
 */
record KlObjective(Tensor cleanLogProbabilities) implements Objective {

  static KlObjective against(Outputs clean) {
    return new KlObjective(clean.logits().detach().log_softmax(1));
  }

  @Override
  public Tensor of(Outputs outputs) {
    Tensor logProbabilities = outputs.logits().log_softmax(1);
    return logProbabilities.exp().mul(logProbabilities.sub(cleanLogProbabilities)).sum(1);
  }

  @Override
  public Objective rows(Tensor rows) {
    return new KlObjective(cleanLogProbabilities.index_select(0, rows));
  }
}

package io.realign.attack;

import io.realign.task.Outputs;
import org.bytedeco.pytorch.Tensor;

/**
 * KL(p_clean ‖ p_adv) = Σ_k p_clean(k)·(log p_clean(k) − log p_adv(k)): TRADES' inner maximisation.
 */
record KlObjective(Tensor cleanProbabilities, Tensor cleanLogProbabilities) implements Objective {

  static KlObjective against(Outputs clean) {
    Tensor logProbabilities = clean.logits().detach().log_softmax(1);
    return new KlObjective(logProbabilities.exp(), logProbabilities);
  }

  @Override
  public Tensor of(Outputs outputs) {
    Tensor difference = cleanLogProbabilities.sub(outputs.logits().log_softmax(1));
    return cleanProbabilities.mul(difference).sum(1);
  }
}

package io.realign.attack;

import io.realign.task.Outputs;
import org.bytedeco.pytorch.Tensor;

/** −log p_y. */
record CrossEntropyObjective(Tensor labels) implements Objective {

  @Override
  public Tensor of(Outputs outputs) {
    Tensor logProbabilities = outputs.logits().log_softmax(1);
    return logProbabilities.gather(1, labels.unsqueeze(1)).squeeze(1).neg();
  }

  @Override
  public Objective rows(Tensor rows) {
    return new CrossEntropyObjective(labels.index_select(0, rows));
  }
}

package io.realign.evaluate;

import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Asks the target, with or without a defense in front of it. */
record Scoring(Target target, Task task) {

  /**
   * What the target says.
   *
   * @param images {@code [N,3,H,W]} in [0,1]
   * @param labels of the task
   * @param draws of a randomised defense: they are not those that an attack saw
   */
  Scored score(Optional<Defense> defense, Tensor images, Tensor labels, Seed draws) {
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor seen =
          defense
              .map(d -> d.purifier().drawn(draws).purify(images))
              .orElse(images); // x̂ = G(x), or x itself
      Outputs outputs = target.forward(seen);
      Tensor probabilities = outputs.logits().softmax(1); // [N,K]
      return new Scored(
          task.correct(outputs, labels),
          outputs.logits().argmax(new LongOptional(1), false),
          Ops.max(probabilities, 1),
          outputs.features(),
          seen.alias());
    }
  }
}

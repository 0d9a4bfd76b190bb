package io.realign.evaluate;

import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Asks the target, with or without a defense in front of it.
 *
 * @param draws times that one with random choices is asked
 */
record Scoring(Target target, Task task, int draws) {

  /**
   * What the target says.
   *
   * @param images {@code [N,3,H,W]} in [0,1]
   * @param labels of the task
   * @param seed of the draws of a randomised defense: they are not those that an attack saw
   */
  Scored score(Optional<Defense> defense, Tensor images, Tensor labels, Seed seed) {
    boolean randomised =
        target.randomised() || defense.map(d -> d.purifier().randomised()).orElse(false);
    int times = randomised ? draws : 1;
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Scored all = once(defense, images, labels, times == 1 ? seed : seed.child(0));
      for (int draw = 1; draw < times; draw++) {
        all = both(all, once(defense, images, labels, seed.child(draw)));
      }
      Tensor rate = Ops.scale(all.rate(), 1.0 / times);
      Scored scored =
          new Scored(all.correct(), rate, all.predicted(), all.score(), all.features(), all.seen());
      scored.tensors().forEach(scope::keep);
      return scored;
    }
  }

  private Scored once(Optional<Defense> defense, Tensor images, Tensor labels, Seed seed) {
    Tensor seen =
        defense
            .map(d -> d.purifier().drawn(seed).purify(images))
            .orElse(images); // x̂ = G(x), or x itself
    Outputs outputs = target.drawn(seed.child("target")).forward(seen);
    Tensor probabilities = outputs.logits().softmax(1); // [N,K]
    Tensor correct = task.correct(outputs, labels);
    return new Scored(
        correct,
        correct.to(probabilities.scalar_type()),
        outputs.logits().argmax(new LongOptional(1), false),
        Ops.max(probabilities, 1),
        outputs.features(),
        seen.alias());
  }

  /** The draws so far and one more; the rates are sums. */
  private static Scored both(Scored all, Scored next) {
    Tensor first = all.correct().logical_and(next.correct().logical_not()); // its first wrong draw
    return new Scored(
        all.correct().logical_and(next.correct()),
        all.rate().add(next.rate()),
        next.predicted().where(first, all.predicted()),
        next.score().where(first, all.score()),
        next.features().where(first.unsqueeze(1), all.features()),
        next.seen().where(first.view(-1, 1, 1, 1), all.seen()));
  }
}

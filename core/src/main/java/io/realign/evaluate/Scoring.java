package io.realign.evaluate;

import io.realign.target.Target;
import io.realign.task.Judgement;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
      Scored worst = once(defense, images, labels, times == 1 ? seed : seed.child(0));
      Tensor lowest = worst.rate();
      Tensor sum = worst.rate();
      for (int draw = 1; draw < times; draw++) {
        Scored next = once(defense, images, labels, seed.child(draw));
        sum = sum.add(next.rate());
        Tensor worse = next.rate().lt(lowest); // [N]
        lowest = next.rate().where(worse, lowest);
        worst = worse(worst, next, worse);
      }
      Scored scored =
          new Scored(
              worst.predicted(),
              Ops.scale(sum, 1.0 / times),
              worst.score(),
              worst.features(),
              worst.seen());
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
    Tensor predicted = task.predictions(outputs);
    List<Judgement> judged = task.judge(predicted, labels);
    float[] values = new float[judged.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) judged.get(i).value();
    }
    return new Scored(
        predicted,
        Ops.floats(values, values.length).to(images.device(), images.scalar_type()),
        task.confidence(outputs),
        outputs.features(),
        seen.alias());
  }

  /** Image by image the next draw where it is {@code worse}, else the one so far. */
  private static Scored worse(Scored all, Scored next, Tensor worse) {
    return new Scored(
        chosen(worse, next.predicted(), all.predicted()),
        all.rate(),
        chosen(worse, next.score(), all.score()),
        chosen(worse, next.features(), all.features()),
        chosen(worse, next.seen(), all.seen()));
  }

  private static Tensor chosen(Tensor which, Tensor a, Tensor b) {
    long[] shape = new long[Math.toIntExact(a.dim())];
    Arrays.fill(shape, 1);
    shape[0] = -1;
    return a.where(which.view(shape), b);
  }
}

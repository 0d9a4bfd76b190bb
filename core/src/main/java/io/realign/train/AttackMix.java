package io.realign.train;

import io.realign.attack.Attack;
import io.realign.target.Target;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Line 3 of Algorithm 1: x_a for a batch. Batches are shuffled, so each attack takes a run of
 * neighbouring images. Where its share is no whole number of them, a draw says whether it gets one
 * more: it has its share in the mean, of single images too.
 */
final class AttackMix {

  private final List<TrainingAttack> parts;
  private final List<Attack> attacks;

  AttackMix(List<TrainingAttack> parts) {
    double sum = parts.stream().mapToDouble(TrainingAttack::share).sum();
    if (Math.abs(sum - 1) > 1e-6) {
      throw new IllegalArgumentException(
          "the shares of the training attacks add up to " + sum + ", not 1");
    }
    this.parts = List.copyOf(parts);
    this.attacks = parts.stream().map(TrainingAttack::attack).toList();
  }

  /** x_a, {@code [N,3,H,W]}. */
  Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    if (attacks.size() == 1) {
      return attacks.getFirst().perturb(target, images, labels, seed);
    }
    try (Scope scope = Scope.open()) {
      TensorVector made = new TensorVector();
      long n = images.size(0);
      long from = 0;
      double covered = 0;
      double draw = seed.child("share").random().nextDouble();
      for (int i = 0; i < attacks.size(); i++) {
        covered += parts.get(i).share();
        long to = i == attacks.size() - 1 ? n : Math.min(n, (long) Math.floor(covered * n + draw));
        if (to > from) {
          made.push_back(
              attacks
                  .get(i)
                  .perturb(
                      target,
                      images.narrow(0, from, to - from),
                      labels.narrow(0, from, to - from),
                      seed.child(i)));
        }
        from = to;
      }
      return scope.keep(torch.cat(made, 0));
    }
  }
}

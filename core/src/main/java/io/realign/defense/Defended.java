package io.realign.defense;

import io.realign.target.ForwardingTarget;
import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code target ∘ purifier}: a target like any other, so an attack that differentiates it is an
 * adaptive attack with no further code.
 */
public record Defended(Target target, Purifier purifier) implements ForwardingTarget {

  @Override
  public String name() {
    return target.name() + " behind " + purifier.name();
  }

  @Override
  public boolean randomised() {
    return target.randomised() || purifier.randomised();
  }

  @Override
  public Target drawn(Seed draws) {
    return randomised()
        ? new Defended(target.drawn(draws.child("target")), purifier.drawn(draws.child("purifier")))
        : this;
  }

  @Override
  public Outputs forward(Tensor images) {
    return target.forward(purifier.purify(images));
  }
}

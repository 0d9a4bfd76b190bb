package io.realign.serve;

import io.realign.target.ForwardingTarget;
import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/** A target that answers only as long as its client is there: an attack on it ends with a step. */
record Attended(Target target, Departure client) implements ForwardingTarget {

  @Override
  public Target drawn(Seed draws) {
    return randomised() ? new Attended(target.drawn(draws), client) : this;
  }

  @Override
  public Outputs forward(Tensor images) {
    client.check();
    return target.forward(images);
  }
}

package io.realign.target;

import io.realign.nn.StateDict;
import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.task.Task;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A net's layers: from normalised images to what its task asks for. */
@FunctionalInterface
public interface Net {

  /** What it is made for, once its weights are loaded. */
  default Task task() {
    return new Classification();
  }

  /**
   * The net's outputs.
   *
   * @param x {@code [N,3,H,W]}, normalised as the net wants it
   */
  Outputs forward(Tensor x);

  /**
   * The layers that a generator's encoder can start from, once the weights are frozen; empty where
   * the net has none of that shape.
   *
   * @param normalisation of the images before the net
   * @param weights all of the net's
   */
  default Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return Optional.empty();
  }
}

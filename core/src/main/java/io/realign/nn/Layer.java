package io.realign.nn;

import org.bytedeco.pytorch.Tensor;

/** A differentiable function of one tensor. */
@FunctionalInterface
public interface Layer {

  /** The output for {@code x}. */
  Tensor forward(Tensor x);

  /** This layer, then {@code next}. */
  default Layer then(Layer next) {
    return x -> next.forward(forward(x));
  }
}

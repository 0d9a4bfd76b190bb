package io.realign.nn;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** {@code [N,in] → [N,out]}. */
public record Linear(Tensor weight, Tensor bias) implements Layer {

  /** Declares {@code weight} [out,in] and {@code bias} [out]. */
  public static Linear of(Params p, int in, int out, Init init) {
    return new Linear(
        p.parameter("weight", init, out, in), p.parameter("bias", Init.constant(0), out));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Ops.linear(x, weight, bias);
  }
}

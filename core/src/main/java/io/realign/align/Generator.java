package io.realign.align;

import io.realign.nn.Params;
import org.bytedeco.pytorch.Tensor;

/** G: repairs images, {@code [N,3,H,W]} in [0,1] to the same. */
public sealed interface Generator permits GlobalGenerator, CompactGenerator {

  /** Its sizes. */
  GeneratorConfig config();

  /** Its weights. */
  Params params();

  /** x̂ = G(x), differentiable by {@code images} and by the weights. */
  Tensor forward(Tensor images);
}

package io.realign.align;

import io.realign.nn.Params;
import io.realign.target.Target;
import org.bytedeco.pytorch.Tensor;

/** G: repairs images of any size, {@code [N,3,H,W]} in [0,1] to the same. */
public sealed interface Generator permits GlobalGenerator, CompactGenerator, PyramidGenerator {

  /** The prefix of the tensors of an encoder that can start from the target's weights. */
  String TRUNK = "trunk.";

  /** Its sizes. */
  GeneratorConfig config();

  /** Its weights. */
  Params params();

  /** What of an image it sees at once. */
  Sight sight();

  /** Takes over what it can of the target's own weights before training; does nothing as a rule. */
  default void startFrom(Target target) {}

  /** x̂ = G(x), differentiable by {@code images} and by the weights. */
  Tensor forward(Tensor images);
}

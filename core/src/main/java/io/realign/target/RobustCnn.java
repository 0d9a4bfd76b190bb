package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Linear;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import org.bytedeco.pytorch.Tensor;

/**
 * The small convolutional net {@code cnn_a} of the α,β-CROWN verifier, for images of 32². Published
 * weights resist ε = 2/255. Its tensors are named by their place in the original's list of layers.
 */
public final class RobustCnn implements Net {

  private static final int MAP = 8;

  private final Conv2d first;
  private final Conv2d second;
  private final Linear hidden;
  private final Linear last;

  /** Declares the net. */
  public RobustCnn(Params p, int classes) {
    first = Conv2d.of(p.sub(0), 3, 16, 4, 2, 1, Init.torchDefault());
    second = Conv2d.of(p.sub(2), 16, 32, 4, 2, 1, Init.torchDefault());
    hidden = Linear.of(p.sub(5), 32 * MAP * MAP, 100, Init.torchDefault());
    last = Linear.of(p.sub(7), 100, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = Ops.reluInPlace(first.forward(Ops.channelsLast(x))); // [N,16,16,16]
    y = Ops.reluInPlace(second.forward(y)); // [N,32,8,8]
    Tensor features = // [N,2048] → [N,100]
        Ops.reluInPlace(hidden.forward(Shapes.flatten(y)));
    return new Outputs(last.forward(features), features);
  }
}

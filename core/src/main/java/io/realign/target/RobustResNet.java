package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Linear;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The small residual net {@code resnet2b} of the α,β-CROWN verifier, for images of 32²: no batch
 * norm, two blocks, two linear layers. Published weights resist ε = 2/255.
 */
public final class RobustResNet implements Net {

  private static final int CHANNELS = 16;
  private static final int MAP = 8;

  private final Conv2d stem;
  private final Block first;
  private final Block second;
  private final Linear hidden;
  private final Linear last;

  /** Declares the net. */
  public RobustResNet(Params p, int classes) {
    stem = Conv2d.of(p.sub("conv1"), 3, CHANNELS / 2, 3, 2, 1, Init.torchDefault());
    Params blocks = p.sub("layer1");
    first = new Block(blocks.sub(0), CHANNELS / 2, CHANNELS, 2);
    second = new Block(blocks.sub(1), CHANNELS, CHANNELS, 1);
    hidden = Linear.of(p.sub("linear1"), CHANNELS * MAP * MAP, 100, Init.torchDefault());
    last = Linear.of(p.sub("linear2"), 100, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = Ops.reluInPlace(stem.forward(Ops.channelsLast(x))); // [N,8,16,16]
    y = second.forward(first.forward(y)); // [N,16,8,8]
    Tensor features = // [N,1024] → [N,100]
        Ops.reluInPlace(hidden.forward(Shapes.flatten(y)));
    return new Outputs(last.forward(features), features);
  }

  private static final class Block implements Layer {
    final Conv2d first;
    final Conv2d second;
    final @Nullable Conv2d shortcut;

    Block(Params p, int in, int out, int stride) {
      first = Conv2d.of(p.sub("conv1"), in, out, 3, stride, 1, Init.torchDefault());
      second = Conv2d.of(p.sub("conv2"), out, out, 3, 1, 1, Init.torchDefault());
      shortcut =
          stride == 1
              ? null
              : Conv2d.of(p.sub("shortcut").sub(0), in, out, 1, stride, 0, Init.torchDefault());
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = second.forward(Ops.reluInPlace(first.forward(x)));
      return Ops.reluInPlace(Ops.addInPlace(y, shortcut == null ? x : shortcut.forward(x)));
    }
  }
}

package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.ConvBn;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Linear;
import io.realign.nn.NormRelu;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The wide residual net of Zagoruyko and Komodakis 2016, of depth {@code 6n+4} and {@code width}
 * times 16 channels: norm and ReLU come before each convolution.
 *
 * <p>Its tensors are named as in TRADES ({@code block1.layer.0.bn1}). Freezing folds the second
 * norm of a block into the convolution before it; the first follows a sum and stays as a scale and
 * a shift.
 */
public final class WideResNet implements Net {

  private final Conv2d stem;
  private final List<Block> blocks = new ArrayList<>();
  private final NormRelu norm;
  private final Linear last;

  /**
   * Declares the net.
   *
   * @param depth 10, 16, 22, 28, 34 and so on
   * @param width 1 or more
   */
  public WideResNet(Params p, int depth, int width, int classes) {
    if (depth < 10 || depth % 6 != 4) {
      throw new IllegalArgumentException("depth must be 6n+4 with n ≥ 1, not " + depth);
    }
    if (width < 1) {
      throw new IllegalArgumentException("width must be at least 1, not " + width);
    }
    stem = Conv2d.withoutBias(p.sub("conv1"), 3, 16, 3, 1, 1, 1, Init.heFanOut());
    int in = 16;
    for (int stage = 0; stage < 3; stage++) {
      int out = (16 << stage) * width;
      for (int i = 0; i < (depth - 4) / 6; i++) {
        Params block = p.sub("block" + (stage + 1)).sub("layer").sub(i);
        blocks.add(new Block(block, in, out, i == 0 && stage > 0 ? 2 : 1));
        in = out;
      }
    }
    norm = NormRelu.of(p.sub("bn1"), in);
    last = Linear.of(p.sub("fc"), in, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = stem.forward(Ops.channelsLast(x)); // [N,16,H,W]; wide convolutions are faster so
    for (Block block : blocks) {
      y = block.forward(y);
    }
    Tensor features = Ops.globalAvgPool(norm.forward(y)); // [N,64k,H/4,W/4] → [N,64k]
    return new Outputs(last.forward(features), features);
  }

  /** Leaves out the block that TRADES' code declares, and its files hold, but no image passes. */
  static StateDict withoutUnusedBlock(StateDict published) {
    StateDict used = new StateDict();
    published.entries().stream()
        .filter(entry -> !entry.getKey().startsWith("sub_block1."))
        .forEach(entry -> used.put(entry.getKey(), entry.getValue()));
    return used;
  }

  private static final class Block implements Layer {
    final NormRelu before;
    final ConvBn first;
    final Conv2d second;
    final @Nullable Conv2d shortcut;

    Block(Params p, int in, int out, int stride) {
      before = NormRelu.of(p.sub("bn1"), in);
      first = ConvBn.of(p, "conv1", "bn2", in, out, 3, stride);
      second = Conv2d.withoutBias(p.sub("conv2"), out, out, 3, 1, 1, 1, Init.heFanOut());
      shortcut =
          in == out
              ? null
              : Conv2d.withoutBias(
                  p.sub("convShortcut"), in, out, 1, stride, 0, 1, Init.heFanOut());
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = before.forward(x);
      Tensor residual = second.forward(Ops.reluInPlace(first.forward(y)));
      return Ops.add(residual, shortcut == null ? x : shortcut.forward(y));
    }
  }
}

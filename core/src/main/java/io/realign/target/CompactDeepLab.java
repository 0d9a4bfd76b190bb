package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * DeepLabv3 for two cores: residual blocks of 32 to 96 channels with stride 4, the last two dilated
 * by 2 and 4, and a pyramid of 64 channels with dilations 3, 6 and 9. Made for images of 48² to
 * 192².
 */
public final class CompactDeepLab implements Net {

  /** One line a block: channels, stride, dilation. */
  private static final int[][] BLOCKS = {
    {32, 2, 1}, {64, 2, 1}, {64, 1, 1}, {96, 1, 2}, {96, 1, 4},
  };

  private static final int STEM = 24;
  private static final int HEAD = 64;
  private static final List<Integer> RATES = List.of(3, 6, 9);

  private final ConvBn stem;
  private final List<Block> blocks = new ArrayList<>();
  private final DeepLabV3.Head head;

  /** Declares the net. */
  public CompactDeepLab(Params p, int classes) {
    stem = ConvBn.of(p, "conv1", "bn1", 3, STEM, 3, 1);
    int in = STEM;
    for (int[] block : BLOCKS) {
      blocks.add(new Block(p.sub("layer" + (blocks.size() + 1)), in, block[0], block[1], block[2]));
      in = block[0];
    }
    head = new DeepLabV3.Head(p.sub("classifier"), in, HEAD, classes, RATES, 0);
  }

  @Override
  public Task task() {
    return new Segmentation();
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = stem.forward(x).relu_(); // [N,24,H,W]
    for (Block block : blocks) {
      y = block.forward(y);
    }
    Tensor features = head.features(y); // [N,64,H/4,W/4]
    Tensor logits = head.logits(features);
    return new Outputs(Ops.resize(logits, (int) x.size(2), (int) x.size(3)), features);
  }

  private static final class Block implements Layer {
    final ConvBn first;
    final ConvBn second;
    final @Nullable ConvBn shortcut;

    Block(Params p, int in, int out, int stride, int dilation) {
      first = ConvBn.of(p, "conv1", "bn1", in, out, 3, stride, dilation);
      second = ConvBn.of(p, "conv2", "bn2", out, out, 3, 1, dilation);
      shortcut =
          in == out && stride == 1
              ? null
              : ConvBn.of(p.sub("shortcut"), "conv", "bn", in, out, 1, stride);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = second.forward(first.forward(x).relu_());
      return y.add(shortcut == null ? x : shortcut.forward(x)).relu_();
    }
  }
}

package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.ConvBn;
import io.realign.nn.Init;
import io.realign.nn.Linear;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The residual net for CIFAR of He et al. 2016, section 4.2, of depth {@code 6n+2}: three stages of
 * {@code n} blocks, shortcuts without parameters (option A).
 *
 * <p>Its tensors are named as in akamaster/pytorch_resnet_cifar10.
 */
public final class CifarResNet implements Net {

  private static final int WIDTH = 16;

  private final ConvBn stem;
  private final List<Block> blocks = new ArrayList<>();
  private final Linear last;

  /**
   * Declares the net.
   *
   * @param depth 20, 32, 44, 56 and so on
   */
  public CifarResNet(Params p, int depth, int classes) {
    if (depth < 8 || depth % 6 != 2) {
      throw new IllegalArgumentException("depth must be 6n+2 with n ≥ 1, not " + depth);
    }
    stem = ConvBn.of(p, "conv1", "bn1", 3, WIDTH, 3, 1);
    int in = WIDTH;
    for (int stage = 0; stage < 3; stage++) {
      int out = WIDTH << stage;
      for (int i = 0; i < (depth - 2) / 6; i++) {
        Params block = p.sub("layer" + (stage + 1)).sub(i);
        blocks.add(new Block(block, in, out, i == 0 && stage > 0 ? 2 : 1));
        in = out;
      }
    }
    last = Linear.of(p.sub("linear"), in, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = stem.forward(Ops.channelsLast(x)).relu_(); // [N,16,H,W]
    for (Block block : blocks) {
      y = block.forward(y);
    }
    Tensor features = Ops.globalAvgPool(y); // [N,64,H/4,W/4] → [N,64]
    return new Outputs(last.forward(features), features);
  }

  /** Blocks a stage: n. */
  int blocksPerStage() {
    return blocks.size() / 3;
  }

  /** The stem's convolution, then the two of each block. */
  List<Conv2d> convolutions() {
    List<Conv2d> all = new ArrayList<>(List.of(stem.conv()));
    blocks.forEach(block -> all.addAll(List.of(block.first.conv(), block.second.conv())));
    return all;
  }

  private static final class Block {
    final ConvBn first;
    final ConvBn second;
    final int stride;
    final int added;

    Block(Params p, int in, int out, int stride) {
      this.first = ConvBn.of(p, "conv1", "bn1", in, out, 3, stride);
      this.second = ConvBn.of(p, "conv2", "bn2", out, out, 3, 1);
      this.stride = stride;
      this.added = out - in;
    }

    Tensor forward(Tensor x) {
      Tensor y = second.forward(first.forward(x).relu_());
      return y.add_(shortcut(x)).relu_();
    }

    /** Every second pixel, and zero channels on both sides. */
    Tensor shortcut(Tensor x) {
      if (stride == 1 && added == 0) {
        return x;
      }
      Tensor sparse = Ops.everyNth(x, stride);
      return torch.constant_pad_nd(sparse, 0, 0, 0, 0, added / 2, added - added / 2);
    }
  }
}

package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The convolutions of the residual net for CIFAR of He et al. 2016, section 4.2: a stem of 16
 * channels and three stages of {@code n} blocks, shortcuts without parameters (option A). The
 * second and the third stage double the channels and halve height and width.
 *
 * <p>A generator's encoder has this shape, so it can start from a target's; see {@link
 * ResidualTrunk}.
 */
final class ResidualBody implements Layer {

  /** Channels of the last map. */
  static final int CHANNELS = 64;

  private static final int WIDTH = 16;
  private static final int STAGES = 3;

  private final ConvBn stem;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * Declares {@code conv1}, {@code bn1}, {@code layer1} to {@code layer3}.
   *
   * @param blocksPerStage n, at least 1
   */
  ResidualBody(Params p, int blocksPerStage) {
    stem = ConvBn.of(p, "conv1", "bn1", 3, WIDTH, 3, 1);
    int in = WIDTH;
    for (int stage = 0; stage < STAGES; stage++) {
      int out = WIDTH << stage;
      for (int i = 0; i < blocksPerStage; i++) {
        Params block = p.sub("layer" + (stage + 1)).sub(i);
        blocks.add(new Block(block, in, out, i == 0 && stage > 0 ? 2 : 1));
        in = out;
      }
    }
  }

  /** {@code [N,3,H,W]} to {@code [N,64,H/4,W/4]}. */
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = Ops.reluInPlace(stem.forward(Ops.channelsLast(x))); // [N,16,H,W]
    for (Block block : blocks) {
      y = block.forward(y);
    }
    return y;
  }

  /** What an encoder can start from, once the weights are frozen. */
  ResidualTrunk trunk(Normalisation normalisation) {
    List<Conv2d> all = new ArrayList<>(List.of(stem.conv()));
    blocks.forEach(block -> all.addAll(List.of(block.first.conv(), block.second.conv())));
    return new ResidualTrunk(normalisation, blocks.size() / STAGES, all);
  }

  private static final class Block implements Layer {
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

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = second.forward(Ops.reluInPlace(first.forward(x)));
      return Ops.reluInPlace(Ops.addInPlace(y, shortcut(x)));
    }

    /** Every second pixel, and zero channels on both sides. */
    private Tensor shortcut(Tensor x) {
      if (stride == 1 && added == 0) {
        return x;
      }
      Tensor sparse = Ops.everyNth(x, stride);
      return Shapes.padChannels(sparse, added / 2, added - added / 2);
    }
  }
}

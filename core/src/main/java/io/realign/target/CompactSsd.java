package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.AveragePrecision;
import io.realign.task.BoxCoding;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A single-shot detector for two cores: the body of ResNet-8 for CIFAR, then residual blocks of 96
 * and 128 channels with four maps of an eighth to a sixty-fourth of the image, for images of one
 * side.
 */
public final class CompactSsd implements Net {

  /** Channels of the maps, each half as wide as the one before. */
  private static final int[] CHANNELS = {96, 128, 128, 128};

  /** Priors at each place of the first map. */
  static final int FIRST_BOXES = 4;

  private static final int FIRST_STEP = 8; // pixels of a place of the first map
  private static final double[] SIZES = {.12, .25, .45, .7, .95}; // of the image's side

  private final int side;
  private final ResidualBody body;
  private final List<Block> blocks = new ArrayList<>();
  private final DetectorHeads heads;

  /**
   * Declares the net.
   *
   * @param side of the images, a multiple of 64
   */
  public CompactSsd(Params p, int side, int classes) {
    this.side = side;
    body = new ResidualBody(p, 1);
    List<Integer> maps = new ArrayList<>();
    int in = ResidualBody.CHANNELS;
    for (int out : CHANNELS) {
      blocks.add(new Block(p.sub("further").sub(blocks.size()), in, out));
      maps.add(out);
      in = out;
    }
    heads = DetectorHeads.torchvision(p.sub("head"), maps, levels(side), classes);
  }

  private static List<Priors.Level> levels(int side) {
    List<Priors.Level> levels = new ArrayList<>();
    for (int i = 0; i < CHANNELS.length; i++) {
      int step = FIRST_STEP << i;
      double smallest = SIZES[i] * side;
      double largest = SIZES[i + 1] * side;
      levels.add(new Priors.Level(side / step, step, smallest, largest, List.of(2)));
    }
    return levels;
  }

  @Override
  public Task task() {
    return new Detection(
        Priors.of(levels(side), side),
        BoxCoding.standard(),
        Detection.Scores.SOFTMAX,
        NonMaximumSuppression.standard(),
        AveragePrecision.AREA);
  }

  @Override
  public Outputs forward(Tensor x) {
    List<Tensor> maps = new ArrayList<>();
    Tensor y = body.forward(x); // [N,64,H/4,W/4]
    for (Block block : blocks) {
      y = block.forward(y);
      maps.add(y);
    }
    return heads.forward(maps, maps.getFirst()); // features [N,96,H/8,W/8]
  }

  @Override
  public Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return Optional.of(body.trunk(normalisation));
  }

  /** Halves height and width. */
  private static final class Block implements Layer {
    final ConvBn first;
    final ConvBn second;
    final ConvBn shortcut;

    Block(Params p, int in, int out) {
      first = ConvBn.of(p, "conv1", "bn1", in, out, 3, 2);
      second = ConvBn.of(p, "conv2", "bn2", out, out, 3, 1);
      shortcut = ConvBn.of(p.sub("shortcut"), "conv", "bn", in, out, 1, 2);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = second.forward(Ops.reluInPlace(first.forward(x)));
      return Ops.reluInPlace(Ops.add(y, shortcut.forward(x)));
    }
  }
}

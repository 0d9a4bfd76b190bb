package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.task.AveragePrecision;
import io.realign.task.BoxCoding;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.task.Task;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A single-shot detector for two cores: residual stages of 32 to 128 channels and four maps of an
 * eighth to a sixty-fourth of the image, for images of one side.
 */
public final class CompactSsd implements Net {

  /** Channels of the blocks, each of which halves the map. */
  private static final int[] CHANNELS = {32, 48, 96, 128, 128, 128};

  private static final int STEM = 24;
  private static final int FIRST_MAP = 2; // the block whose output is the first map: stride 8
  private static final double[] SIZES = {.12, .25, .45, .7, .95}; // of the image's side

  private final int side;
  private final ConvBn stem;
  private final List<Block> blocks = new ArrayList<>();
  private final DetectorHeads heads;

  /**
   * Declares the net.
   *
   * @param side of the images, a multiple of 64
   */
  public CompactSsd(Params p, int side, int classes) {
    this.side = side;
    stem = ConvBn.of(p, "conv1", "bn1", 3, STEM, 3, 1);
    List<Integer> maps = new ArrayList<>();
    int in = STEM;
    for (int i = 0; i < CHANNELS.length; i++) {
      blocks.add(new Block(p.sub("layer" + (i + 1)), in, CHANNELS[i]));
      in = CHANNELS[i];
      if (i >= FIRST_MAP) {
        maps.add(in);
      }
    }
    heads = DetectorHeads.torchvision(p.sub("head"), maps, levels(side), classes);
  }

  private static List<Priors.Level> levels(int side) {
    List<Priors.Level> levels = new ArrayList<>();
    for (int i = FIRST_MAP; i < CHANNELS.length; i++) {
      int step = 2 << i;
      double smallest = SIZES[i - FIRST_MAP] * side;
      double largest = SIZES[i - FIRST_MAP + 1] * side;
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
    Tensor y = stem.forward(x).relu_(); // [N,24,H,W]
    for (int i = 0; i < blocks.size(); i++) {
      y = blocks.get(i).forward(y);
      if (i >= FIRST_MAP) {
        maps.add(y);
      }
    }
    return heads.forward(maps, maps.getFirst()); // features [N,96,H/8,W/8]
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
      Tensor y = second.forward(first.forward(x).relu_());
      return y.add(shortcut.forward(x)).relu_();
    }
  }
}

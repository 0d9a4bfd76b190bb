package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Branches that see fields of different sizes, joined, beside a shortcut (Liu, Huang and Wang,
 * 2018, arXiv 1711.07767, figure 4). Tensors are named as the authors name them.
 */
final class ReceptiveFieldBlock implements Layer {

  /** Channels of the input for one of the narrowest convolution. */
  private static final int NARROWING = 8;

  private static final int SMALL_NARROWING = 4;
  private static final int VISUAL = 2; // the dilation of the first branch

  private final List<Layer> branches = new ArrayList<>();
  private final ConvBn joined;
  private final ConvBn shortcut;

  private ReceptiveFieldBlock(Params p, int in, int between, int out, int stride) {
    joined = conv(p.sub("ConvLinear"), between, out, 1, 1);
    shortcut = conv(p.sub("shortcut"), in, out, 1, stride);
  }

  /** RFB: three branches, of dilation 2, 3 and 5. */
  static ReceptiveFieldBlock plain(Params p, int in, int out, int stride) {
    int c = in / NARROWING;
    ReceptiveFieldBlock block = new ReceptiveFieldBlock(p, in, 6 * c, out, stride);
    Params near = p.sub("branch0");
    block.add(conv(near.sub(0), in, 2 * c, 1, stride), dilated(near.sub(1), 2 * c, VISUAL));
    Params middle = p.sub("branch1");
    block.add(
        conv(middle.sub(0), in, c, 1, 1),
        conv(middle.sub(1), c, 2 * c, 3, stride),
        dilated(middle.sub(2), 2 * c, VISUAL + 1));
    Params far = p.sub("branch2");
    block.add(
        conv(far.sub(0), in, c, 1, 1),
        conv(far.sub(1), c, c / 2 * 3, 3, 1),
        conv(far.sub(2), c / 2 * 3, 2 * c, 3, stride),
        dilated(far.sub(3), 2 * c, 2 * VISUAL + 1));
    return block;
  }

  /** RFB-s, for small objects: four branches, two of them of one row or column. */
  static ReceptiveFieldBlock small(Params p, int channels) {
    int c = channels / SMALL_NARROWING;
    ReceptiveFieldBlock block = new ReceptiveFieldBlock(p, channels, 4 * c, channels, 1);
    Params near = p.sub("branch0");
    block.add(conv(near.sub(0), channels, c, 1, 1), conv(near.sub(1), c, c, 3, 1));
    Params down = p.sub("branch1");
    block.add(
        conv(down.sub(0), channels, c, 1, 1),
        line(down.sub(1), c, c, 3, 1),
        dilated(down.sub(2), c, 3));
    Params across = p.sub("branch2");
    block.add(
        conv(across.sub(0), channels, c, 1, 1),
        line(across.sub(1), c, c, 1, 3),
        dilated(across.sub(2), c, 3));
    Params far = p.sub("branch3");
    block.add(
        conv(far.sub(0), channels, c / 2, 1, 1),
        line(far.sub(1), c / 2, c / 4 * 3, 1, 3),
        line(far.sub(2), c / 4 * 3, c, 3, 1),
        dilated(far.sub(3), c, 5));
    return block;
  }

  private static ConvBn conv(Params p, int in, int out, int kernel, int stride) {
    return ConvBn.of(p, "conv", "bn", in, out, kernel, stride);
  }

  private static ConvBn dilated(Params p, int channels, int dilation) {
    return ConvBn.of(p, "conv", "bn", channels, channels, 3, 1, dilation);
  }

  private static ConvBn line(Params p, int in, int out, int height, int width) {
    return ConvBn.rectangular(p, "conv", "bn", in, out, height, width);
  }

  /** A ReLU behind each but the last. */
  private void add(ConvBn... layers) {
    Layer branch = layers[0];
    for (int i = 1; i < layers.length; i++) {
      Layer before = branch;
      ConvBn next = layers[i];
      branch = x -> next.forward(Ops.reluInPlace(before.forward(x)));
    }
    branches.add(branch);
  }

  @Override
  public Tensor forward(Tensor x) {
    List<Tensor> seen = new ArrayList<>();
    for (Layer branch : branches) {
      seen.add(branch.forward(x));
    }
    Tensor all = joined.forward(Shapes.concatenate(seen, 1));
    return Ops.reluInPlace(Ops.addInPlace(all, shortcut.forward(x)));
  }
}

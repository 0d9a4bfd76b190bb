package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Linear;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * ResNet-50 of He et al. 2016 for small images: a 3×3 stem and no max-pooling, so that the last
 * maps keep an eighth of the stem's size.
 *
 * <p>The stem has stride 1 for 32² (last maps 4²) and stride 2 for 64² (the same maps at the same
 * cost). Its tensors are named as in torchvision, where only {@code conv1} has another shape.
 */
public final class ResNet50 implements Net {

  private static final int[] BLOCKS = {3, 4, 6, 3};
  private static final int EXPANSION = 4;

  private final ConvBn stem;
  private final List<Bottleneck> blocks = new ArrayList<>();
  private final Linear last;

  /**
   * Declares the net.
   *
   * @param stemStride 1 for images of 32², 2 for 64²
   */
  public ResNet50(Params p, int stemStride, int classes) {
    stem = ConvBn.of(p, "conv1", "bn1", 3, 64, 3, stemStride);
    int in = 64;
    for (int stage = 0; stage < BLOCKS.length; stage++) {
      int middle = 64 << stage;
      for (int i = 0; i < BLOCKS[stage]; i++) {
        Params block = p.sub("layer" + (stage + 1)).sub(i);
        blocks.add(new Bottleneck(block, in, middle, i == 0 && stage > 0 ? 2 : 1));
        in = middle * EXPANSION;
      }
    }
    last = Linear.of(p.sub("fc"), in, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = Ops.reluInPlace(stem.forward(x)); // [N,64,H,W]
    for (Bottleneck block : blocks) {
      y = block.forward(y);
    }
    Tensor features = Ops.globalAvgPool(y); // [N,2048,H/8,W/8] → [N,2048]
    return new Outputs(last.forward(features), features);
  }

  private static final class Bottleneck implements Layer {
    final ConvBn reduce;
    final ConvBn middle;
    final ConvBn expand;
    final @Nullable ConvBn shortcut;

    Bottleneck(Params p, int in, int channels, int stride) {
      int out = channels * EXPANSION;
      reduce = ConvBn.of(p, "conv1", "bn1", in, channels, 1, 1);
      middle = ConvBn.of(p, "conv2", "bn2", channels, channels, 3, stride);
      expand = ConvBn.of(p, "conv3", "bn3", channels, out, 1, 1);
      shortcut =
          in == out && stride == 1
              ? null
              : ConvBn.of(p.sub("downsample"), "0", "1", in, out, 1, stride);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = Ops.reluInPlace(middle.forward(Ops.reluInPlace(reduce.forward(x))));
      return Ops.reluInPlace(
          Ops.addInPlace(expand.forward(y), shortcut == null ? x : shortcut.forward(x)));
    }
  }
}

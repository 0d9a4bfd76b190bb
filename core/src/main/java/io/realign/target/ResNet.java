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
 * The residual nets of He et al. 2016, as torchvision has them: in a bottleneck the 3×3 convolution
 * has the stride. Tensors are named as in torchvision; timm's have the same names.
 */
public final class ResNet implements Net {

  /** What is before the first block. */
  public enum Stem {
    /** 3×3: for images of 32², whose last maps are 4². */
    SMALL(3, 1),
    /** 3×3 of stride 2: for 64², with the same maps at the same cost. */
    HALVING(3, 2),
    /** 7×7 of stride 2 and max-pooling, as published for ImageNet: 224² become 7². */
    IMAGENET(7, 2);

    private final int kernel;
    private final int stride;

    Stem(int kernel, int stride) {
      this.kernel = kernel;
      this.stride = stride;
    }
  }

  /** How deep; the number of blocks in each of the four stages. */
  public enum Depth {
    /** 18 layers. */
    D18(1, 2, 2, 2, 2),
    /** 34 layers. */
    D34(1, 3, 4, 6, 3),
    /** 50 layers, in bottlenecks. */
    D50(Bottleneck.EXPANSION, 3, 4, 6, 3),
    /** 101 layers, in bottlenecks. */
    D101(Bottleneck.EXPANSION, 3, 4, 23, 3),
    /** 152 layers, in bottlenecks. */
    D152(Bottleneck.EXPANSION, 3, 8, 36, 3);

    private final int expansion;
    private final int[] blocks;

    Depth(int expansion, int... blocks) {
      this.expansion = expansion;
      this.blocks = blocks;
    }

    private Layer block(Params p, int in, int channels, int stride) {
      return expansion == 1
          ? new Basic(p, in, channels, stride)
          : new Bottleneck(p, in, channels, stride, 1);
    }
  }

  private final Stem kind;
  private final ConvBn stem;
  private final List<Layer> blocks = new ArrayList<>();
  private final Linear last;

  /** Declares the net. */
  public ResNet(Params p, Depth depth, Stem kind, int classes) {
    this.kind = kind;
    stem = ConvBn.of(p, "conv1", "bn1", 3, 64, kind.kernel, kind.stride);
    int in = 64;
    for (int stage = 0; stage < depth.blocks.length; stage++) {
      int channels = 64 << stage;
      for (int i = 0; i < depth.blocks[stage]; i++) {
        Params block = p.sub("layer" + (stage + 1)).sub(i);
        blocks.add(depth.block(block, in, channels, i == 0 && stage > 0 ? 2 : 1));
        in = channels * depth.expansion;
      }
    }
    last = Linear.of(p.sub("fc"), in, classes, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = Ops.reluInPlace(stem.forward(x)); // [N,64,H,W], at the stem's stride
    if (kind == Stem.IMAGENET) {
      y = Ops.maxPool2d(y, 3, 2, 1, false); // [N,64,H/4,W/4]
    }
    for (Layer block : blocks) {
      y = block.forward(y);
    }
    Tensor features = Ops.globalAvgPool(y); // [N,C,H/8,W/8], of an eighth of the first map
    return new Outputs(last.forward(features), features);
  }

  private static final class Basic implements Layer {
    final ConvBn first;
    final ConvBn second;
    final @Nullable ConvBn shortcut;

    Basic(Params p, int in, int out, int stride) {
      first = ConvBn.of(p, "conv1", "bn1", in, out, 3, stride);
      second = ConvBn.of(p, "conv2", "bn2", out, out, 3, 1);
      shortcut = Bottleneck.shortcut(p, in, out, stride);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = second.forward(Ops.reluInPlace(first.forward(x)));
      return Ops.reluInPlace(Ops.addInPlace(y, shortcut == null ? x : shortcut.forward(x)));
    }
  }
}

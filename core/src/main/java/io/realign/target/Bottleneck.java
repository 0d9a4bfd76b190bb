package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The block of the deeper residual nets of He et al. 2016, with the stride in its 3×3 convolution;
 * tensors are named as in torchvision.
 */
final class Bottleneck implements Layer {

  /** Channels of the block for one of its 3×3 convolution. */
  static final int EXPANSION = 4;

  private final ConvBn reduce;
  private final ConvBn middle;
  private final ConvBn expand;
  private final @Nullable ConvBn shortcut;

  Bottleneck(Params p, int in, int channels, int stride, int dilation) {
    int out = channels * EXPANSION;
    reduce = ConvBn.of(p, "conv1", "bn1", in, channels, 1, 1);
    middle = ConvBn.of(p, "conv2", "bn2", channels, channels, 3, stride, dilation);
    expand = ConvBn.of(p, "conv3", "bn3", channels, out, 1, 1);
    shortcut = shortcut(p, in, out, stride);
  }

  /** What brings the block's input to the shape of its output; nothing where they are alike. */
  static @Nullable ConvBn shortcut(Params p, int in, int out, int stride) {
    return in == out && stride == 1
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

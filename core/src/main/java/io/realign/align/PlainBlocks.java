package io.realign.align;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;

/**
 * Residual blocks without normalisation, which would forget the contrast of the image that they
 * must give back: x + conv(relu(conv(x))).
 */
final class PlainBlocks {

  private PlainBlocks() {}

  /** {@code count} of them, each under its index. */
  static Layer of(Params p, int channels, int count) {
    Layer built = x -> x;
    for (int i = 0; i < count; i++) {
      built = built.then(block(p.sub(i), channels));
    }
    return built;
  }

  private static Layer block(Params p, int channels) {
    Conv2d first = Conv2d.of(p.sub("conv1"), channels, channels, 3, 1, 1, Init.heFanIn());
    Conv2d second = Conv2d.of(p.sub("conv2"), channels, channels, 3, 1, 1, last(channels));
    return x -> Ops.addInPlace(second.forward(Ops.reluInPlace(first.forward(x))), x);
  }

  /** Of a block's last convolution, a tenth of the usual size: a block starts near the identity. */
  static Init last(int channels) {
    return Init.normal(.1 * Math.sqrt(2.0 / (9 * channels)));
  }
}

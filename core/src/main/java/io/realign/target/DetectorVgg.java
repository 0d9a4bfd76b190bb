package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * VGG-16 as single-shot detectors use it (Liu et al., 2016, section 3): the fifth pool keeps the
 * size, and the first two linear layers are convolutions, the first of pixels 6 apart.
 */
final class DetectorVgg {

  /** Channels of {@link #fourth}. */
  static final int FOURTH = 512;

  /** Channels of {@link #seventh}. */
  static final int SEVENTH = 1024;

  /** The convolutions of VGG-16 up to conv4_3; 0 for a pool. */
  private static final int[] FRONT = {64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512};

  /** The third pool keeps the odd row and column: 75 places become 38. */
  private static final int UPWARDS = 2;

  /** Pixels come in with a deviation of about 64. */
  private static final Init FIRST = Init.normal(Math.sqrt(2.0 / (9 * 64)) / 64);

  private static final int BACK = 5;
  private static final int SIXTH = 3;

  private final List<Conv2d> front = new ArrayList<>();
  private final List<Conv2d> back = new ArrayList<>();

  /**
   * Declares the convolutions.
   *
   * @param early where those up to conv4_3 are, by place in VGG-16, ReLUs and pools counted
   * @param late where conv5_1 to conv5_3, fc6 and fc7 are
   */
  DetectorVgg(IntFunction<Params> early, List<Params> late) {
    int in = 3;
    int index = 0;
    for (int out : FRONT) {
      if (out > 0) {
        Init init = index == 0 ? FIRST : Init.heFanOut();
        front.add(Conv2d.of(early.apply(index), in, out, 3, 1, 1, init));
        in = out;
      }
      index += out > 0 ? 2 : 1; // a ReLU behind each convolution
    }
    for (int i = 0; i < SIXTH; i++) {
      back.add(Conv2d.of(late.get(i), in, in, 3, 1, 1, Init.heFanOut()));
    }
    back.add(Conv2d.of(late.get(SIXTH), in, SEVENTH, 3, 1, 6, 6, Init.heFanOut()));
    back.add(Conv2d.of(late.get(SIXTH + 1), SEVENTH, SEVENTH, 1, 1, 0, Init.heFanOut()));
  }

  /** conv4_3 behind its ReLU: {@code [N,512,38,38]} of images of 300². */
  Tensor fourth(Tensor x) {
    Tensor y = x;
    int next = 0;
    int pools = 0;
    for (int out : FRONT) {
      if (out > 0) {
        y = Ops.reluInPlace(front.get(next++).forward(y));
      } else {
        y = Ops.maxPool2d(y, 2, 2, 0, pools++ == UPWARDS);
      }
    }
    return y;
  }

  /** fc7 behind its ReLU, from {@link #fourth}: {@code [N,1024,19,19]}. */
  Tensor seventh(Tensor fourth) {
    Tensor y = Ops.maxPool2d(fourth, 2, 2, 0, false);
    for (int i = 0; i < BACK; i++) {
      if (i == SIXTH) {
        y = Ops.maxPool2d(y, 3, 1, 1, false);
      }
      y = Ops.reluInPlace(back.get(i).forward(y));
    }
    return y;
  }
}

package io.realign.attack;

import io.realign.torch.Convolutions;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * A Gaussian blur of gradients, which stands for the mean over shifted images (Dong et al., 2019,
 * arXiv 1904.02884).
 *
 * @param side of the kernel, odd
 * @param deviation of the Gaussian, in pixels
 */
record GradientBlur(int side, double deviation) {

  /** The published kernel, 15 with deviation 3 at 299 pixels, in proportion; at least 3. */
  static GradientBlur standard(long imageSide) {
    int half = (int) Math.max(1, Math.round(7.0 * imageSide / 299));
    return new GradientBlur(2 * half + 1, half * 3.0 / 7);
  }

  /** Each channel of {@code gradient} {@code [N,C,H,W]} blurred. */
  Tensor apply(Tensor gradient) {
    int half = side / 2;
    double[] line = new double[side];
    double sum = 0;
    for (int i = 0; i < side; i++) {
      line[i] = Math.exp(-.5 * (i - half) * (i - half) / (deviation * deviation));
      sum += line[i];
    }
    int channels = (int) gradient.size(1);
    float[] kernel = new float[channels * side * side];
    for (int i = 0; i < kernel.length; i++) {
      int at = i % (side * side);
      kernel[i] = (float) (line[at / side] * line[at % side] / (sum * sum));
    }
    Tensor weight =
        Ops.floats(kernel, channels, 1, side, side).to(gradient.device(), gradient.scalar_type());
    return Convolutions.conv2d(gradient, weight, null, 1, half, channels);
  }
}

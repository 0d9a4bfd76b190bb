package io.realign.nn;

import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** How a new tensor is filled. */
@FunctionalInterface
public interface Init {

  /** A new fp32 tensor of {@code shape}. */
  Tensor make(Seed seed, long... shape);

  /** Every value {@code value}. */
  static Init constant(double value) {
    return (seed, shape) -> {
      float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      Arrays.fill(values, (float) value);
      return Ops.floats(values, shape);
    };
  }

  /** N(0, deviation²). */
  static Init normal(double deviation) {
    return (seed, shape) -> seed.normal(deviation, shape);
  }

  /** He et al. 2015, normal, fan-out: N(0, 2 / (out·k·k)) for weights {@code [out,in,k,k]}. */
  static Init heFanOut() {
    return (seed, shape) -> seed.normal(Math.sqrt(2.0 / (shape[0] * receptive(shape))), shape);
  }

  /** He et al. 2015, normal, fan-in: N(0, 2 / (in·k·k)) for weights {@code [out,in,k,k]}. */
  static Init heFanIn() {
    return (seed, shape) -> seed.normal(Math.sqrt(2.0 / (shape[1] * receptive(shape))), shape);
  }

  /** PyTorch's default for convolutions and linear layers: U(−b, b) with b = 1/√fan-in. */
  static Init torchDefault() {
    return (seed, shape) -> {
      double bound = 1 / Math.sqrt((double) shape[1] * receptive(shape));
      return seed.uniform(-bound, bound, shape);
    };
  }

  /** U(−bound, bound). */
  static Init uniform(double bound) {
    return (seed, shape) -> seed.uniform(-bound, bound, shape);
  }

  private static long receptive(long[] shape) {
    return Arrays.stream(shape).skip(2).reduce(1, (a, b) -> a * b);
  }
}

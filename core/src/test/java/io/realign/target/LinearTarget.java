package io.realign.target;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * A target whose gradients are known on paper: logits {@code = W·x + b} on the flattened image.
 *
 * @param weight {@code [K, 3·H·W]}
 * @param bias {@code [K]}
 */
public record LinearTarget(Tensor weight, Tensor bias, int imageSize) implements Target {

  /** With W and b from Java numbers. */
  public static LinearTarget of(double[][] weight, double[] bias, int imageSize) {
    int inputs = weight[0].length;
    float[] flat = new float[weight.length * inputs];
    float[] shift = new float[bias.length];
    for (int k = 0; k < weight.length; k++) {
      shift[k] = (float) bias[k];
      for (int j = 0; j < inputs; j++) {
        flat[k * inputs + j] = (float) weight[k][j];
      }
    }
    return new LinearTarget(
        Ops.floats(flat, weight.length, inputs), Ops.floats(shift, bias.length), imageSize);
  }

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public int classes() {
    return (int) bias.numel();
  }

  @Override
  public Outputs forward(Tensor images) {
    Tensor logits = Ops.linear(images.flatten(1, -1), weight, bias);
    return new Outputs(logits, logits);
  }
}

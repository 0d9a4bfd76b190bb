package io.realign.target;

import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Images and weights that any language makes from the same formula. */
public final class Synthetic {

  private Synthetic() {}

  /** {@code x_i = ½ + ½·sin(0.37·i)}: [n,3,size,size]. */
  public static Tensor images(int n, int size) {
    float[] values = new float[n * 3 * size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 + 0.5 * Math.sin(0.37 * i));
    }
    return Ops.floats(values, n, 3, size, size);
  }

  /**
   * Fills tensor {@code t} of the sorted names from {@code s_j = sin(j + t)}: weights of layers
   * with s·√(2/fan-in), scales of norms with 1 + .3s, biases and means with .1s, variances with 1 +
   * .5s.
   */
  public static void fill(StateDict dict) {
    int t = 0;
    for (String name : dict.names().stream().sorted().toList()) {
      Tensor tensor = dict.get(name);
      long[] shape = Ops.shape(tensor);
      float[] values = new float[(int) tensor.numel()];
      double size = Math.sqrt(2.0 * shape[0] / values.length);
      for (int j = 0; j < values.length; j++) {
        double s = Math.sin(j + t);
        values[j] =
            (float)
                (name.endsWith("running_var")
                    ? 1 + .5 * s
                    : shape.length > 1 ? s * size : name.endsWith("weight") ? 1 + .3 * s : .1 * s);
      }
      try (NoGradGuard guard = new NoGradGuard()) {
        tensor.copy_(Ops.floats(values, shape));
      }
      t++;
    }
  }

  /** Gives every norm random statistics, scales and shifts. */
  static void disturbNorms(StateDict dict, Seed seed) {
    Map<String, double[]> ranges =
        Map.of("running_mean", new double[] {-.3, .3}, "running_var", new double[] {.5, 2});
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Map.Entry<String, Tensor> entry : dict.entries()) {
        String name = entry.getKey();
        double[] range = ranges.get(name.substring(name.lastIndexOf('.') + 1));
        if (range == null && entry.getValue().dim() == 1) {
          range = name.endsWith("weight") ? new double[] {.5, 1.2} : new double[] {-.2, .2};
        }
        if (range != null) {
          Tensor values = seed.child(name).uniform(range[0], range[1], Ops.shape(entry.getValue()));
          entry.getValue().copy_(values);
        }
      }
    }
  }
}

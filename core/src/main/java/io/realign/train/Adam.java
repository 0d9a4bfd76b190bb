package io.realign.train;

import io.realign.nn.StateDict;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;

/** Adam (Kingma and Ba, 2015). */
final class Adam extends NativeOptimiser {

  private final org.bytedeco.pytorch.Adam adam;

  /**
   * Call this outside any scope: the optimiser lives as long as the weights do.
   *
   * @param weights all trained
   * @param factor the learning rate of a tensor, by name, as a factor of the step's
   */
  Adam(StateDict weights, ToDoubleFunction<String> factor, double beta1, double beta2) {
    super(weights, factor);
    AdamOptions options = new AdamOptions(1e-3);
    // libstdc++ lays a std::tuple out from its last element to its first, libc++ does not
    boolean reversed = !Loader.getPlatform().startsWith("macosx");
    options.betas().put(reversed ? 1 : 0, beta1).put(reversed ? 0 : 1, beta2);
    this.adam = grouped(group -> new org.bytedeco.pytorch.Adam(group, options));
  }

  @Override
  Optimizer optimizer() {
    return adam;
  }
}

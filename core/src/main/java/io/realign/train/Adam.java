package io.realign.train;

import io.realign.nn.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.TensorVector;

/** Adam (Kingma and Ba, 2015). */
final class Adam extends NativeOptimiser {

  private final List<Double> factors;
  private final org.bytedeco.pytorch.Adam adam;

  /**
   * Call this outside any scope: the optimiser lives as long as the weights do.
   *
   * @param weights all trained
   * @param factor the learning rate of a tensor, by name, as a factor of the step's
   */
  Adam(StateDict weights, ToDoubleFunction<String> factor, double beta1, double beta2) {
    super(weights.entries().stream().map(Map.Entry::getValue).toList());
    SequencedMap<Double, TensorVector> groups = new LinkedHashMap<>();
    weights
        .entries()
        .forEach(
            entry ->
                groups
                    .computeIfAbsent(factor.applyAsDouble(entry.getKey()), f -> new TensorVector())
                    .push_back(entry.getValue()));
    this.factors = List.copyOf(groups.keySet());
    AdamOptions options = new AdamOptions(1e-3);
    // libstdc++ lays a std::tuple out from its last element to its first, libc++ does not
    boolean reversed = !Loader.getPlatform().startsWith("macosx");
    options.betas().put(reversed ? 1 : 0, beta1).put(reversed ? 0 : 1, beta2);
    this.adam = new org.bytedeco.pytorch.Adam(groups.firstEntry().getValue(), options);
    groups.sequencedValues().stream()
        .skip(1)
        .forEach(group -> adam.add_param_group(new OptimizerParamGroup(group)));
  }

  @Override
  void rate(OptimizerParamGroupVector groups, double learningRate) {
    for (int group = 0; group < factors.size(); group++) {
      groups.get(group).options().set_lr(learningRate * factors.get(group));
    }
  }

  @Override
  Optimizer optimizer() {
    return adam;
  }
}

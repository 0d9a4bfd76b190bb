package io.realign.train;

import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.ArchiveWriter;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * libtorch's Adam (Kingma and Ba, 2015) on gradients that are handed to it, with its state as
 * bytes.
 */
final class Adam {

  private final List<Tensor> weights;
  private final List<Double> factors;
  private final org.bytedeco.pytorch.Adam adam;

  /**
   * Call this outside any scope: the optimiser lives as long as the weights do.
   *
   * @param weights all trained
   * @param factor the learning rate of a tensor, by name, as a factor of the step's
   */
  Adam(StateDict weights, ToDoubleFunction<String> factor, double beta1, double beta2) {
    this.weights = weights.entries().stream().map(Map.Entry::getValue).toList();
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
    // libstdc++ lays a std::tuple out from its last element to its first
    options.betas().put(0, beta2).put(1, beta1);
    this.adam = new org.bytedeco.pytorch.Adam(groups.firstEntry().getValue(), options);
    groups.sequencedValues().stream()
        .skip(1)
        .forEach(group -> adam.add_param_group(new OptimizerParamGroup(group)));
  }

  /** One step along {@code gradients}, one a weight, at the given learning rate. */
  void step(List<Tensor> gradients, double learningRate) {
    try (Scope scope = Scope.open()) {
      for (int i = 0; i < weights.size(); i++) {
        weights.get(i).mutable_grad().put(gradients.get(i));
      }
      for (int group = 0; group < factors.size(); group++) {
        adam.param_groups().get(group).options().set_lr(learningRate * factors.get(group));
      }
      adam.step();
      adam.zero_grad();
    }
  }

  /** Moments and step counts. */
  byte[] state() {
    try (Scope scope = Scope.open()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      OutputArchive archive = new OutputArchive();
      adam.save(archive);
      archive.save_to(
          new ArchiveWriter() {
            @Override
            public long call(Pointer data, long size) {
              byte[] chunk = new byte[Math.toIntExact(size)];
              new BytePointer(data).get(chunk);
              bytes.writeBytes(chunk);
              return size;
            }
          });
      return bytes.toByteArray();
    }
  }

  /** Takes moments and step counts back. */
  void restore(byte[] state) {
    try (Scope scope = Scope.open()) {
      InputArchive archive = new InputArchive();
      archive.load_from(new BytePointer(state), state.length);
      adam.load(archive);
    }
  }
}

package io.realign.train;

import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ArchiveWriter;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** An optimiser of libtorch on gradients that are handed to it, with its state as bytes. */
abstract sealed class NativeOptimiser permits Adam, Sgd {

  private final List<Tensor> weights;
  private final SequencedMap<Double, TensorVector> groups = new LinkedHashMap<>();
  private final List<Double> factors;

  /**
   * An optimiser of {@code weights}, all trained.
   *
   * @param factor the learning rate of a tensor, by name, as a factor of the step's
   */
  NativeOptimiser(StateDict weights, ToDoubleFunction<String> factor) {
    this.weights = weights.entries().stream().map(Map.Entry::getValue).toList();
    weights
        .entries()
        .forEach(
            entry ->
                groups
                    .computeIfAbsent(factor.applyAsDouble(entry.getKey()), f -> new TensorVector())
                    .push_back(entry.getValue()));
    this.factors = List.copyOf(groups.keySet());
  }

  /** The optimiser that {@code make} makes of tensors, with a group for each learning rate. */
  final <O extends Optimizer> O grouped(Function<TensorVector, O> make) {
    O optimiser = make.apply(groups.firstEntry().getValue());
    groups.sequencedValues().stream()
        .skip(1)
        .forEach(group -> optimiser.add_param_group(new OptimizerParamGroup(group)));
    return optimiser;
  }

  /** One step along {@code gradients}, one a weight, at the given learning rate. */
  final void step(List<Tensor> gradients, double learningRate) {
    try (Scope scope = Scope.open()) {
      for (int i = 0; i < weights.size(); i++) {
        Tensor weight = weights.get(i);
        weight.mutable_grad().put(direction(weight, gradients.get(i)));
      }
      rate(optimizer().param_groups(), learningRate);
      optimizer().step();
      weights.forEach(weight -> weight.mutable_grad().reset()); // zero_grad() refuses views
    }
  }

  /** Moments and step counts. */
  final byte[] state() {
    try (Scope scope = Scope.open()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      OutputArchive archive = new OutputArchive();
      optimizer().save(archive);
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
  final void restore(byte[] state) {
    try (Scope scope = Scope.open()) {
      InputArchive archive = new InputArchive();
      archive.load_from(new BytePointer(state), state.length);
      optimizer().load(archive);
    }
  }

  /** What is followed instead of a gradient: the gradient itself, unless there is a penalty. */
  Tensor direction(Tensor weight, Tensor gradient) {
    return gradient;
  }

  private void rate(OptimizerParamGroupVector made, double learningRate) {
    for (int group = 0; group < factors.size(); group++) {
      made.get(group).options().set_lr(learningRate * factors.get(group));
    }
  }

  /** The optimiser itself. */
  abstract Optimizer optimizer();
}

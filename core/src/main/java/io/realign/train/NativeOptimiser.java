package io.realign.train;

import io.realign.torch.Scope;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ArchiveWriter;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;

/** An optimiser of libtorch on gradients that are handed to it, with its state as bytes. */
abstract sealed class NativeOptimiser permits Adam, Sgd {

  private final List<Tensor> weights;

  /** An optimiser of {@code weights}. */
  NativeOptimiser(List<Tensor> weights) {
    this.weights = List.copyOf(weights);
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

  /** Sets the learning rate. */
  void rate(OptimizerParamGroupVector groups, double learningRate) {
    groups.get(0).options().set_lr(learningRate);
  }

  /** The optimiser itself. */
  abstract Optimizer optimizer();
}

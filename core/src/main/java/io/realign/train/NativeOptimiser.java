package io.realign.train;

import io.realign.torch.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
      optimizer().zero_grad();
    }
  }

  /** Moments and step counts. */
  final byte[] state() {
    return withFile(
        file -> {
          OutputArchive archive = new OutputArchive();
          optimizer().save(archive);
          archive.save_to(file.toString());
          return Files.readAllBytes(file);
        });
  }

  /** Takes moments and step counts back. */
  final void restore(byte[] state) {
    withFile(
        file -> {
          Files.write(file, state);
          InputArchive archive = new InputArchive();
          archive.load_from(file.toString());
          optimizer().load(archive);
          return state;
        });
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

  private static byte[] withFile(FileWork work) {
    try (Scope scope = Scope.open()) {
      Path file = Files.createTempFile("realign-optimiser", ".bin");
      try {
        return work.on(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the optimiser's state could not pass through a temporary file", e);
    }
  }

  @FunctionalInterface
  private interface FileWork {
    byte[] on(Path file) throws IOException;
  }
}

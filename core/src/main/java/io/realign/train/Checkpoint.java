package io.realign.train;

import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Everything a run needs to go on as if nothing had happened, as one safetensors file that is
 * replaced in one step.
 *
 * <p>Random draws are a function of seed and step (see {@link io.realign.torch.Seed}), so the step
 * is all the random state there is, and the place in the epoch follows from it.
 *
 * @param step steps done
 * @param seconds of training so far
 * @param bestScore the best validation score so far, NaN before the first
 * @param fingerprint of the configuration
 * @param tensors weights under {@code generator.}, {@code average.}, {@code best.}, {@code
 *     discriminator.} for a defense, under {@code net.} and {@code best.} for a target
 * @param optimisers the bytes of each optimiser
 */
record Checkpoint(
    long step,
    double seconds,
    double bestScore,
    String fingerprint,
    StateDict tensors,
    Map<String, byte[]> optimisers) {

  private static final String FORMAT = "realign-checkpoint-1";
  private static final String OPTIMISER = "optimiser.";

  /** Adds all tensors of {@code from} under {@code prefix}. */
  static void add(StateDict to, String prefix, StateDict from) {
    from.entries().forEach(entry -> to.put(prefix + entry.getKey(), entry.getValue().detach()));
  }

  /** The tensors under {@code prefix}. */
  StateDict part(String prefix) {
    StateDict part = new StateDict();
    tensors
        .entries()
        .forEach(
            entry -> {
              if (entry.getKey().startsWith(prefix)) {
                part.put(entry.getKey().substring(prefix.length()), entry.getValue());
              }
            });
    return part;
  }

  void write(Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("step", Long.toString(step));
    metadata.put("seconds", Double.toString(seconds));
    metadata.put("best_score", Double.toString(bestScore));
    metadata.put("fingerprint", fingerprint);
    try (Scope scope = Scope.open()) {
      StateDict all = new StateDict();
      add(all, "", tensors);
      optimisers.forEach((name, bytes) -> all.put(OPTIMISER + name, bytes(bytes)));
      Safetensors.write(file, all, metadata);
    }
  }

  /**
   * Reads a checkpoint back.
   *
   * @throws InputException if the file is none
   */
  static Checkpoint read(Path file) {
    Safetensors.Contents contents = Safetensors.readContents(file);
    Map<String, String> metadata = contents.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new InputException(
          file + ": not a training checkpoint of this version (" + FORMAT + ")");
    }
    StateDict tensors = new StateDict();
    Map<String, byte[]> optimisers = new LinkedHashMap<>();
    contents
        .tensors()
        .entries()
        .forEach(
            entry -> {
              if (entry.getKey().startsWith(OPTIMISER)) {
                optimisers.put(
                    entry.getKey().substring(OPTIMISER.length()), bytes(entry.getValue()));
              } else {
                tensors.put(entry.getKey(), entry.getValue());
              }
            });
    try {
      return new Checkpoint(
          Long.parseLong(metadata.getOrDefault("step", "")),
          Double.parseDouble(metadata.getOrDefault("seconds", "")),
          Double.parseDouble(metadata.getOrDefault("best_score", "")),
          metadata.getOrDefault("fingerprint", ""),
          tensors,
          optimisers);
    } catch (NumberFormatException e) {
      throw new InputException(
          file + ": the checkpoint's metadata is broken: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the checkpoint of a run with the configuration of that fingerprint.
   *
   * @throws InputException if the file is none, or of another configuration
   */
  static Checkpoint read(Path file, String fingerprint) {
    Checkpoint checkpoint = read(file);
    if (!checkpoint.fingerprint().equals(fingerprint)) {
      throw new InputException(
          file
              + ": the checkpoint is of another configuration, target, data or start; --resume needs the options of the first start");
    }
    return checkpoint;
  }

  /** A copy; the memory it is copied from belongs to the innermost scope. */
  private static Tensor bytes(byte[] values) {
    return torch
        .from_blob(
            new BytePointer(values),
            new long[] {values.length},
            new TensorOptions(torch.ScalarType.Byte))
        .clone();
  }

  private static byte[] bytes(Tensor tensor) {
    byte[] values = new byte[Math.toIntExact(tensor.numel())];
    tensor.contiguous().data_ptr_byte().get(values);
    return values;
  }
}

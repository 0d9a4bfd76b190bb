package io.realign.train;

import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Weights;
import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights that a target starts from instead of random ones: all tensors whose name and shape are
 * the net's own, with or without {@value #BACKBONE} in front, as files of trained backbones lack
 * it.
 *
 * @param origin the file
 * @param sha256 of it
 * @param weights all that it holds
 */
public record Start(String origin, String sha256, StateDict weights) {

  private static final String BACKBONE = "backbone.";

  /**
   * Reads a file of weights.
   *
   * @param naming turns the names in published files into those of the net, as {@link
   *     io.realign.target.Architecture#naming} does
   * @throws InputException if it is missing or not sound
   */
  public static Start read(Path file, UnaryOperator<StateDict> naming) {
    return new Start(file.toString(), Checksum.sha256(file), naming.apply(Weights.read(file)));
  }

  /**
   * The names of a net's tensors that this has weights for.
   *
   * @throws InputException if there is none
   */
  public List<String> fitting(StateDict net) {
    List<String> names =
        net.names().stream()
            .filter(
                name ->
                    find(name)
                        .filter(found -> Arrays.equals(Ops.shape(found), Ops.shape(net.get(name))))
                        .isPresent())
            .toList();
    if (names.isEmpty()) {
      throw new InputException(origin + " holds no tensor with a name and a shape of this net");
    }
    return names;
  }

  /** Copies what fits. */
  void into(StateDict net) {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (String name : fitting(net)) {
        net.get(name).copy_(find(name).orElseThrow());
      }
    }
  }

  private Optional<Tensor> find(String name) {
    if (weights.has(name)) {
      return Optional.of(weights.get(name));
    }
    String bare = name.startsWith(BACKBONE) ? name.substring(BACKBONE.length()) : name;
    return weights.has(bare) ? Optional.of(weights.get(bare)) : Optional.empty();
  }
}

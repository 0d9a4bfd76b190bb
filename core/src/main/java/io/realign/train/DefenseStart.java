package io.realign.train;

import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.align.GeneratorConfig;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.torch.Compute;
import java.nio.file.Path;
import java.util.List;

/**
 * A trained generator that a defense starts from. Discriminator, optimiser and schedule are new.
 *
 * @param origin the file
 * @param sha256 of it
 * @param generator what it holds
 */
public record DefenseStart(String origin, String sha256, Generator generator) {

  /**
   * Reads what {@code train defense} wrote.
   *
   * @throws InputException if it is missing or no defense
   */
  public static DefenseStart read(Path file, Compute compute) {
    return new DefenseStart(
        file.toString(), Checksum.sha256(file), DefenseFile.read(file, compute).generator());
  }

  /**
   * Checks that a run with such a generator could start here.
   *
   * @throws InputException that says how this one differs
   */
  public void check(GeneratorConfig wanted) {
    if (generator.config().equals(wanted)) {
      return;
    }
    List<String> differences = Yaml.differences(generator.config(), wanted);
    throw new InputException(
        "%s: its generator is not the one of this configuration (%s); the config.yaml beside it, given with --config, has it"
            .formatted(origin, String.join("; ", differences)));
  }

  /** Copies its weights, under the names that they have there. */
  void into(Generator other) {
    other.params().dict().load(generator.params().dict(), origin);
  }
}

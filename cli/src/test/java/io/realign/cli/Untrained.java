package io.realign.cli;

import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.align.GeneratorConfig;
import io.realign.target.Normalisation;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.Map;

/** Files of small nets that were never trained. */
final class Untrained {

  private Untrained() {}

  /** A {@code scenes-net}. */
  static Path target(Path file) {
    Targets.trainable("scenes-net", 10, Seed.of(1), Compute.CPU).save(file);
    return file;
  }

  /** A defense. */
  static Path defense(Path file) {
    GeneratorConfig config =
        new CompactGenerator.Config(
            4, 1, 0, 0, .1, Normalisation.SYMMETRIC.mean(), Normalisation.SYMMETRIC.deviation());
    Generator generator = config.create(Seed.of(2), Compute.CPU);
    DefenseFile.write(file, config, generator.params().dict(), Map.of());
    return file;
  }
}

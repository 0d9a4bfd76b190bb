package io.realign.cli;

import io.realign.align.PerceptualLoss.StageFeatures;
import io.realign.io.InputException;
import io.realign.target.VggFeatures;
import io.realign.torch.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds and reads the perceptual net of L_p. */
final class DefenseOptions {

  private DefenseOptions() {}

  /**
   * The file that is asked for, else the VGG weights in {@code weights/} of the data folder; the
   * preferred depth first.
   */
  static Optional<Path> vgg(Optional<Path> asked, Optional<Path> dataDir, String preferred) {
    if (asked.isPresent()) {
      return asked;
    }
    Optional<Path> folder = dataDir.map(dir -> dir.resolve("weights")).filter(Files::isDirectory);
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder.get())) {
      return files
          .filter(file -> name(file).matches("vgg(16|19).*\\.(safetensors|pth)"))
          .min(
              Comparator.<Path, Boolean>comparing(file -> !name(file).startsWith(preferred))
                  .thenComparing(Comparator.naturalOrder()));
    } catch (IOException e) {
      throw new UncheckedIOException(folder.get() + ": cannot be listed", e);
    }
  }

  /** Φ with the stages that the configuration names. */
  static StageFeatures stages(VggFeatures vgg, List<Integer> stages) {
    HashSet<Integer> wanted = new HashSet<>(stages);
    return images -> vgg.stages(images, wanted);
  }

  /** Reads the net. */
  static VggFeatures read(Path file, Compute compute) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          file + ": no such file; --vgg wants the weights of VGG-16 or VGG-19");
    }
    return VggFeatures.load(file, compute);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}

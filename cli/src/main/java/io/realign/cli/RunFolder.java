package io.realign.cli;

import io.realign.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options about a training run's folder. */
final class RunFolder {

  private static final String OF_A_RUN =
      "{config.yaml,metrics.jsonl,checkpoint.safetensors,target.safetensors,defense.safetensors,events.out.tfevents.*.realign}";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder for all that the run leaves; made if need be.")
  private Path folder = Path.of("");

  @Option(
      names = "--resume",
      description =
          "Goes on from the folder's checkpoint; from the start if it "
              + "has none yet. All other options as at the first start.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Removes the run that the folder holds, first.")
  private boolean overwrite;

  /**
   * The folder. Call this before anything slow.
   *
   * @throws InputException if it holds a run and the user does not say what to do with it
   */
  Path check() {
    if (resume && overwrite) {
      throw new InputException("--resume and --overwrite exclude each other");
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InputException(folder + ": is a file, not a folder");
    }
    if (!resume && !overwrite && !files().isEmpty()) {
      throw new InputException(
          folder + " holds a run: --resume goes on with it, --overwrite removes it");
    }
    return folder;
  }

  /** Removes the run that is to be overwritten. Call this when nothing can be wrong any more. */
  void clear() {
    if (!overwrite) {
      return;
    }
    try {
      for (Path file : files()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files of a run that the folder holds. */
  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, OF_A_RUN)) {
        found.forEach(files::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  boolean resume() {
    return resume;
  }
}

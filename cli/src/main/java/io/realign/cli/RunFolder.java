package io.realign.cli;

import io.realign.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
      description = {
        "Goes on from the folder's checkpoint; from the start if it",
        "has none yet. All other options as at the first start."
      })
  private boolean resume;

  @Option(names = "--overwrite", description = "Removes the run that the folder holds, first.")
  private boolean overwrite;

  /**
   * The folder, free for the run.
   *
   * @throws InputException if it holds a run and the user does not say what to do with it
   */
  Path open() {
    if (resume && overwrite) {
      throw new InputException("--resume and --overwrite exclude each other");
    }
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InputException(folder + ": is a file, not a folder");
    }
    if (Files.isDirectory(folder) && !resume) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, OF_A_RUN)) {
        for (Path file : found) {
          if (!overwrite) {
            throw new InputException(
                folder + " holds a run: --resume goes on with it, --overwrite removes it");
          }
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return folder;
  }

  boolean resume() {
    return resume;
  }
}

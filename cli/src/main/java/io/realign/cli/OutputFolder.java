package io.realign.cli;

import io.realign.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder that a command writes to. */
final class OutputFolder {

  private OutputFolder() {}

  /** What a stopped evaluation leaves, to go on from. */
  static final String IN_PROGRESS = "attacked";

  private static boolean inProgress(Path file) {
    String name = file.getFileName().toString();
    return name.equals(IN_PROGRESS) || name.startsWith(IN_PROGRESS + "-");
  }

  /**
   * Checks a folder before work starts; nothing is made or removed.
   *
   * @param overwrite whether it may hold something
   * @throws InputException if it is a file, or holds something that may not be overwritten
   */
  static void check(Path out, boolean overwrite) {
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new InputException(out + " is a file: --out needs a folder");
    }
    if (!overwrite && Files.isDirectory(out)) {
      try (Stream<Path> inside = Files.list(out)) {
        if (inside.anyMatch(file -> !inProgress(file))) {
          throw new InputException(
              out + " is not empty: choose another --out, or replace its files with --overwrite");
        }
      } catch (IOException e) {
        throw new UncheckedIOException(out + " cannot be read", e);
      }
    }
  }
}

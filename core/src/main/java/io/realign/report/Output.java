package io.realign.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a text file whole or not at all. */
final class Output {

  private Output() {}

  static void write(Path file, String text) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    try {
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Path part = target.resolveSibling("." + target.getFileName() + ".part");
      try {
        Files.write(part, text.getBytes(StandardCharsets.UTF_8));
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be written: " + e.getMessage(), e);
    }
  }
}

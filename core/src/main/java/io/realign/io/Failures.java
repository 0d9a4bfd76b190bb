package io.realign.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Turns what the file system says into one line that names the file. */
final class Failures {

  private Failures() {}

  /** The exception for a file that could not be read. */
  static RuntimeException reading(Path file, IOException e) {
    if (e instanceof NoSuchFileException || !Files.exists(file)) {
      return new InputException(file + ": no such file", e);
    }
    if (Files.isDirectory(file)) {
      return new InputException(file + ": is a folder, not a file", e);
    }
    if (e instanceof AccessDeniedException) {
      return new InputException(file + ": may not be read (permission denied)", e);
    }
    return new UncheckedIOException(file + ": cannot be read: " + reason(e), e);
  }

  /** The exception for a file that could not be written; the one before it is still there. */
  static RuntimeException writing(Path file, IOException e) {
    String kept = Files.exists(file) ? "; the previous file is kept" : "; nothing was written";
    if (fullDisk(e)) {
      return new UncheckedIOException("no space left while writing " + file + kept, e);
    }
    if (e instanceof AccessDeniedException) {
      return new InputException(file + ": may not be written (permission denied)" + kept, e);
    }
    return new UncheckedIOException("cannot write " + file + ": " + reason(e) + kept, e);
  }

  static String reason(IOException e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private static boolean fullDisk(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left")
        || message.contains("not enough space")
        || message.contains("quota exceeded");
  }
}

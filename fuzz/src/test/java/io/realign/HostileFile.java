package io.realign;

import io.realign.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Hands bytes from anywhere to a parser, which may take them or refuse them in one line. */
public final class HostileFile {

  private static final int LONGEST_LINE = 1001;
  private static final int MOST_SECONDS = 5; // for a file of some kilobytes
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Path file;

  private HostileFile(Path file) {
    this.file = file;
  }

  /** A file in the system's folder for temporary ones, with that ending. */
  public static HostileFile ending(String ending) {
    try {
      Path file = Files.createTempFile("hostile", ending);
      file.toFile().deleteOnExit();
      return new HostileFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the file and runs a parser on it.
   *
   * @throws AssertionError if the parser refuses it in other words than one line that names it, or
   *     takes too long
   */
  public void parse(byte[] content, Consumer<Path> parser) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    refusing(file.toString(), () -> parser.accept(file));
  }

  /** The same for a parser that takes bytes, or text, and calls them {@code name}. */
  public static void refusing(String name, Runnable parser) {
    long start = THREADS.getCurrentThreadCpuTime();
    try {
      parser.run();
    } catch (InputException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.contains(name)
          || message.length() > LONGEST_LINE
          || message.chars().anyMatch(Character::isISOControl)) {
        throw new AssertionError("not one line that names " + name + ": " + message, e);
      }
    }
    long seconds = (THREADS.getCurrentThreadCpuTime() - start) / 1_000_000_000;
    if (seconds > MOST_SECONDS) {
      throw new AssertionError(name + " took " + seconds + " s");
    }
  }
}

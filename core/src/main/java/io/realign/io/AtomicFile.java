package io.realign.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes files that are either the old ones or the new ones, never in between: to a temporary file
 * in the same folder, forced to the disk, then renamed over the target.
 *
 * <p>On any failure the temporary file is removed and the previous file stays. A process killed in
 * the middle leaves a {@code .NAME.*.tmp} behind, which nothing reads; {@link #removeLeftovers}
 * clears it away.
 */
public final class AtomicFile {

  private static final AtomicLong COUNTER = new AtomicLong();

  /** What a killed process leaves: the file's name, the process. */
  private static final Pattern LEFT = Pattern.compile("\\.(.+)\\.(\\d+)-\\d+\\.tmp");

  private AtomicFile() {}

  /** Writes content to a stream. */
  @FunctionalInterface
  public interface StreamWriter {
    /** Writes everything; the stream is closed by the caller. */
    void write(OutputStream out) throws IOException;
  }

  /** Writes content to a channel. */
  @FunctionalInterface
  public interface ChannelWriter {
    /** Writes everything from position 0; the channel is closed by the caller. */
    void write(FileChannel out) throws IOException;
  }

  /**
   * Replaces {@code file} by what {@code content} writes, making missing folders.
   *
   * @throws java.io.UncheckedIOException if the disk is full or fails, in one line that names the
   *     file
   * @throws InputException if the file may not be written there
   */
  public static void write(Path file, StreamWriter content) {
    writeChannel(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          content.write(out);
          out.flush();
        });
  }

  /** As {@link #write}, for content that is written to a channel. */
  public static void writeChannel(Path file, ChannelWriter content) {
    writeChannel(file, content, AtomicFile::rename);
  }

  /** Brings the finished temporary file to its name. */
  @FunctionalInterface
  private interface Placing {
    void place(Path from, Path to) throws IOException;
  }

  private static void writeChannel(Path file, ChannelWriter content, Placing placing) {
    Path target = file.toAbsolutePath().normalize();
    if (Files.isDirectory(target)) {
      throw new InputException(file + ": is a folder, not a file");
    }
    Path folder = target.getParent();
    Path name = target.getFileName();
    if (folder == null || name == null) {
      throw new InputException(file + ": not a file that can be written");
    }
    Path temporary =
        folder.resolve(
            ".%s.%d-%d.tmp"
                .formatted(name, ProcessHandle.current().pid(), COUNTER.incrementAndGet()));
    try {
      Files.createDirectories(folder);
      try {
        try (FileChannel channel =
            FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          content.write(channel);
          channel.force(true);
        }
        placing.place(temporary, target);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw Failures.writing(file, e);
    }
    forceFolder(folder);
  }

  /** Replaces {@code file} by {@code bytes}. */
  public static void writeBytes(Path file, byte[] bytes) {
    write(file, out -> out.write(bytes));
  }

  /**
   * Writes a file that is not there yet, and none that came to be meanwhile is replaced.
   *
   * @throws InputException if it is there
   */
  public static void createBytes(Path file, byte[] bytes) {
    writeChannel(file, channel -> Channels.newOutputStream(channel).write(bytes), AtomicFile::link);
  }

  /**
   * Removes what killed processes left in a folder of files that they did not finish.
   *
   * @param names of these files
   */
  public static void removeLeftovers(Path folder, Set<String> names) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Matcher left = LEFT.matcher(String.valueOf(file.getFileName()));
        if (left.matches() && names.contains(left.group(1)) && isGone(left.group(2))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw Failures.writing(folder, e);
    }
  }

  private static boolean isGone(String process) {
    try {
      return ProcessHandle.of(Long.parseLong(process)).isEmpty();
    } catch (NumberFormatException e) {
      return false; // none of ours
    }
  }

  /** Replaces {@code file} by {@code text} in UTF-8. */
  public static void writeString(Path file, String text) {
    writeBytes(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** A second name, which is refused where the name is taken; the first one is then removed. */
  private static void link(Path from, Path to) throws IOException {
    try {
      try {
        Files.createLink(to, from);
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (IOException | UnsupportedOperationException e) { // a file system without links
        Files.move(from, to);
      }
    } catch (FileAlreadyExistsException e) {
      throw new InputException(to + " is there already", e);
    }
  }

  /** Makes the rename itself durable, where the system lets a folder be opened. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders; the file is complete either way
    }
  }
}

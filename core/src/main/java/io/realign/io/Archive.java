package io.realign.io;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads {@code .zip}, {@code .tar} and {@code .tar.gz} archives; the content decides, not the name.
 * Nothing is written outside the folder, links are refused, and the sizes are bounded.
 *
 * @param maxBytes the most bytes that all files may have together
 * @param maxFiles the most files and folders
 */
public record Archive(long maxBytes, int maxFiles) {

  /** Room for the largest data set of the {@link Catalog}: 8 GiB in a million files. */
  public static Archive standard() {
    return new Archive(8L << 30, 1_000_000);
  }

  /**
   * Goes through {@code archive} without unpacking it.
   *
   * @throws InputException if the file is no such archive
   */
  public ArchiveEntries open(Path archive) {
    try {
      return new ArchiveEntries(archive, this);
    } catch (IOException | RuntimeException e) {
      throw failure(archive, e);
    }
  }

  /**
   * Unpacks {@code archive} into {@code folder}, which is made if need be.
   *
   * @param progress is told of the bytes written; their total is unknown
   * @throws InputException if the file is no such archive, is damaged, holds a link, a path that
   *     leaves the folder or a file where a folder is (or the reverse), or exceeds the bounds;
   *     files written so far stay
   * @throws UncheckedIOException if the disk is full or fails
   */
  public void unpack(Path archive, Path folder, Progress progress) {
    Path root = folder.toAbsolutePath().normalize();
    byte[] buffer = new byte[1 << 16];
    try (ArchiveEntries entries = new ArchiveEntries(archive, this)) {
      while (entries.advance()) {
        if (!entries.isFile() && !entries.isFolder()) {
          throw new Malformed("'" + entries.shown() + "' is neither file nor folder");
        }
        Path target = root.resolve(entries.path());
        makeFolders(entries, target);
        if (!entries.isFolder()) { // a damaged header may say both
          try (OutputStream out = created(target)) {
            for (int n = entries.read(buffer, 0, buffer.length);
                n >= 0;
                n = entries.read(buffer, 0, buffer.length)) {
              write(out, buffer, n);
              progress.advanced(String.valueOf(archive.getFileName()), entries.bytesRead(), -1);
            }
          }
        }
      }
    } catch (Unwritten e) {
      throw new UncheckedIOException(
          "cannot unpack " + archive + " into " + folder + ": " + Failures.reason(e.failure),
          e.failure);
    } catch (IOException | RuntimeException e) {
      throw failure(archive, e);
    }
  }

  private static void makeFolders(ArchiveEntries entries, Path target) throws IOException {
    try {
      Path parent = target.getParent();
      Files.createDirectories(entries.isFolder() || parent == null ? target : parent);
      if (!entries.isFolder() && Files.isDirectory(target)) {
        throw new FileAlreadyExistsException(target.toString());
      }
    } catch (FileAlreadyExistsException e) {
      throw new Malformed("'" + entries.shown() + "' would be a file and a folder at once");
    } catch (IOException e) {
      throw new Unwritten(e);
    }
  }

  private static OutputStream created(Path target) throws Unwritten {
    try {
      return Files.newOutputStream(target);
    } catch (IOException e) {
      throw new Unwritten(e);
    }
  }

  private static void write(OutputStream out, byte[] buffer, int length) throws Unwritten {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      throw new Unwritten(e);
    }
  }

  /** What to throw for a failure to read an archive. */
  static RuntimeException failure(Path archive, Exception e) {
    if (e instanceof IOException io && !(e instanceof Malformed) && !Files.isRegularFile(archive)) {
      return Failures.reading(archive, io);
    }
    return switch (e) {
      case InputException known -> known;
      case Malformed wrong -> new InputException(archive + ": " + wrong.getMessage(), wrong);
      case IOException io ->
          new InputException(archive + ": a damaged archive: " + Failures.reason(io), io);
      case IllegalArgumentException damaged -> damaged(archive, damaged);
      case IllegalStateException damaged -> damaged(archive, damaged);
      case RuntimeException other -> other;
      default -> new IllegalStateException(e);
    };
  }

  private static InputException damaged(Path archive, RuntimeException e) {
    return new InputException(archive + ": a damaged archive: " + e.getMessage(), e);
  }

  /** The disk failed; the archive did not. */
  private static final class Unwritten extends IOException {
    private static final long serialVersionUID = 1;
    private final IOException failure;

    Unwritten(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }
}

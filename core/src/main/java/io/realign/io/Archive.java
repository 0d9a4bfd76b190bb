package io.realign.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks {@code .zip}, {@code .tar} and {@code .tar.gz} archives; the content decides, not the
 * name. Nothing is written outside the folder, links are refused, and the sizes are bounded.
 *
 * @param maxBytes the most bytes that all files may have together
 * @param maxFiles the most files and folders
 */
public record Archive(long maxBytes, int maxFiles) {

  private static final int TAR_MAGIC_AT = 257;
  private static final byte[] TAR_MAGIC = {'u', 's', 't', 'a', 'r'};

  /** Room for the largest data set of the {@link Catalog}: 8 GiB in a million files. */
  public static Archive standard() {
    return new Archive(8L << 30, 1_000_000);
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
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16)) {
      in.mark(TAR_MAGIC_AT + TAR_MAGIC.length);
      byte[] magic = in.readNBytes(TAR_MAGIC_AT + TAR_MAGIC.length);
      in.reset();
      Sink sink = new Sink(archive, folder.toAbsolutePath().normalize(), progress);
      if (magic.length >= 4 && magic[0] == 'P' && magic[1] == 'K') {
        zip(in, sink);
      } else if (magic.length >= 4 && magic[0] == 0x1f && magic[1] == (byte) 0x8b) {
        tar(new GZIPInputStream(in, 1 << 16), sink);
      } else if (isTar(magic)) {
        tar(in, sink);
      } else {
        throw new Malformed("neither a .zip nor a .tar or .tar.gz archive");
      }
    } catch (Sink.Unwritten e) {
      throw new UncheckedIOException(
          "cannot unpack " + archive + " into " + folder + ": " + Failures.reason(e.failure),
          e.failure);
    } catch (Malformed e) {
      throw new InputException(archive + ": " + e.getMessage(), e);
    } catch (IOException e) {
      if (!Files.isRegularFile(archive)) {
        throw Failures.reading(archive, e);
      }
      throw new InputException(archive + ": a damaged archive: " + Failures.reason(e), e);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw e instanceof InputException
          ? e
          : new InputException(archive + ": a damaged archive: " + e.getMessage(), e);
    }
  }

  private static void zip(InputStream in, Sink sink) throws IOException {
    ZipInputStream zip = new ZipInputStream(in);
    boolean any = false;
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      any = true;
      sink.accept(entry.getName(), entry.isDirectory(), zip);
    }
    if (!any) {
      throw new Malformed("a zip archive without files");
    }
  }

  private static boolean isTar(byte[] head) {
    return head.length == TAR_MAGIC_AT + TAR_MAGIC.length
        && Arrays.equals(head, TAR_MAGIC_AT, head.length, TAR_MAGIC, 0, TAR_MAGIC.length);
  }

  private static void tar(InputStream in, Sink sink) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(in);
    boolean any = false;
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      any = true;
      if (!entry.isFile() && !entry.isDirectory() || entry.isSymbolicLink() || entry.isLink()) {
        throw new Malformed("'" + Pickle.show(entry.getName()) + "' is neither file nor folder");
      }
      sink.accept(entry.getName(), entry.isDirectory(), tar);
    }
    if (!any) {
      throw new Malformed("a tar archive without files");
    }
  }

  /** Where the files go. */
  private final class Sink {

    private final Path archive;
    private final Path folder;
    private final Progress progress;
    private final byte[] buffer = new byte[1 << 16];
    private long bytes;
    private int files;

    Sink(Path archive, Path folder, Progress progress) {
      this.archive = archive;
      this.folder = folder;
      this.progress = progress;
    }

    void accept(String name, boolean isFolder, InputStream content) throws IOException {
      files++;
      if (files > maxFiles) {
        throw new Malformed("more than " + maxFiles + " files");
      }
      Path target = target(name);
      try {
        Files.createDirectories(isFolder ? target : target.getParent());
        if (!isFolder && Files.isDirectory(target)) {
          throw new FileAlreadyExistsException(target.toString());
        }
      } catch (FileAlreadyExistsException e) {
        throw new Malformed("'" + Pickle.show(name) + "' would be a file and a folder at once");
      } catch (IOException e) {
        throw new Unwritten(e);
      }
      if (!isFolder) {
        copy(content, target);
      }
    }

    private Path target(String name) throws Malformed {
      try {
        Path target = folder.resolve(name).normalize();
        if (target.startsWith(folder) && (!target.equals(folder) || name.matches("\\./?"))) {
          return target;
        }
      } catch (InvalidPathException e) {
        // the same error as below
      }
      throw new Malformed("'" + Pickle.show(name) + "' would be written outside the folder");
    }

    private void copy(InputStream content, Path target) throws IOException {
      try (OutputStream out = open(target)) {
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
          bytes += n;
          if (bytes > maxBytes) {
            throw new Malformed("more than " + maxBytes + " bytes unpacked");
          }
          try {
            out.write(buffer, 0, n);
          } catch (IOException e) {
            throw new Unwritten(e);
          }
          progress.advanced(String.valueOf(archive.getFileName()), bytes, -1);
        }
      }
    }

    private static OutputStream open(Path target) throws Unwritten {
      try {
        return Files.newOutputStream(target);
      } catch (IOException e) {
        throw new Unwritten(e);
      }
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
}

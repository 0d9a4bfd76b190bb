package io.realign.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
 * The files and folders of a {@code .zip}, {@code .tar} or {@code .tar.gz}, one after the other,
 * without writing any of them; made by {@link Archive#open}.
 *
 * <pre>{@code
 * try (ArchiveEntries entries = Archive.standard().open(file)) {
 *   while (entries.next()) {
 *     if (entries.isFile()) { ... entries.path(), entries.readNBytes(most) ... }
 *   }
 * }
 * }</pre>
 *
 * <p>Paths are relative and lead into no folder above; sizes and numbers are bounded.
 */
public final class ArchiveEntries implements AutoCloseable {

  private static final int TAR_MAGIC_AT = 257;
  private static final byte[] TAR_MAGIC = {'u', 's', 't', 'a', 'r'};

  /** How many bytes at the start of a file tell whether it is an archive. */
  private static final int HEAD = TAR_MAGIC_AT + TAR_MAGIC.length;

  /** Stands for the folder that paths must not leave. */
  private static final Path INSIDE = Path.of("inside").toAbsolutePath();

  /** Goes to the next entry of a format and tells {@link #found}; false at the end. */
  private interface Walk {
    boolean next() throws IOException;
  }

  private final Path archive;
  private final Archive limits;
  private final InputStream content;
  private final Walk walk;
  private String name = "";
  private Path path = Path.of("");
  private boolean isFile;
  private boolean isFolder;
  private int entries;
  private long bytes;

  ArchiveEntries(Path archive, Archive limits) throws IOException {
    this.archive = archive;
    this.limits = limits;
    InputStream raw = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
    try {
      raw.mark(HEAD);
      byte[] head = raw.readNBytes(HEAD);
      raw.reset();
      if (isZip(head)) {
        ZipInputStream zip = new ZipInputStream(raw);
        content = zip;
        walk = () -> next(zip);
      } else if (isGzip(head) || isTar(head)) {
        TarArchiveInputStream tar =
            new TarArchiveInputStream(isGzip(head) ? new GZIPInputStream(raw, 1 << 16) : raw);
        content = tar;
        walk = () -> next(tar);
      } else {
        throw new Malformed("neither a .zip nor a .tar or .tar.gz archive");
      }
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  /** Whether a file begins as an archive does; false for one that cannot be read. */
  public static boolean isArchive(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(HEAD);
      return isZip(head) || isGzip(head) || isTar(head);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isZip(byte[] head) {
    return head.length >= 4 && head[0] == 'P' && head[1] == 'K';
  }

  private static boolean isGzip(byte[] head) {
    return head.length >= 4 && head[0] == 0x1f && head[1] == (byte) 0x8b;
  }

  private static boolean isTar(byte[] head) {
    return head.length == HEAD
        && Arrays.equals(head, TAR_MAGIC_AT, head.length, TAR_MAGIC, 0, TAR_MAGIC.length);
  }

  /**
   * Goes to the next entry; false at the end.
   *
   * @throws InputException if the archive is damaged or empty, has a path that leaves it, or
   *     exceeds the bounds
   */
  public boolean next() {
    try {
      return advance();
    } catch (IOException | RuntimeException e) {
      throw Archive.failure(archive, e);
    }
  }

  boolean advance() throws IOException {
    if (!walk.next()) {
      return false;
    }
    if (entries > limits.maxFiles()) {
      throw new Malformed("more than " + limits.maxFiles() + " files");
    }
    path = inside(name);
    return true;
  }

  private boolean next(ZipInputStream zip) throws IOException {
    ZipEntry entry = zip.getNextEntry();
    if (entry == null) {
      return end("zip");
    }
    found(entry.getName(), !entry.isDirectory(), entry.isDirectory());
    return true;
  }

  private boolean next(TarArchiveInputStream tar) throws IOException {
    TarArchiveEntry entry = tar.getNextEntry();
    if (entry == null) {
      return end("tar");
    }
    boolean link = entry.isSymbolicLink() || entry.isLink();
    found(entry.getName(), entry.isFile() && !link, entry.isDirectory() && !link);
    return true;
  }

  private void found(String entry, boolean file, boolean folder) {
    name = entry;
    isFile = file;
    isFolder = folder;
    entries++;
  }

  private boolean end(String kind) throws Malformed {
    if (entries == 0) {
      throw new Malformed("a " + kind + " archive without files");
    }
    return false;
  }

  private static Path inside(String name) throws Malformed {
    try {
      Path target = INSIDE.resolve(name).normalize();
      if (target.startsWith(INSIDE) && (!target.equals(INSIDE) || name.matches("\\./?"))) {
        return INSIDE.relativize(target);
      }
    } catch (InvalidPathException e) {
      // the same error as below
    }
    throw new Malformed("'" + Pickle.show(name) + "' would be written outside the folder");
  }

  /** Where the entry lies in the archive. */
  public Path path() {
    return path;
  }

  /** The entry's name as the archive has it, fit to be shown. */
  String shown() {
    return Pickle.show(name);
  }

  /** Whether it is a file: neither folder nor link nor device. */
  public boolean isFile() {
    return isFile;
  }

  /** Whether it is a folder. */
  public boolean isFolder() {
    return isFolder;
  }

  /**
   * Reads on in the entry.
   *
   * @return bytes put into {@code buffer}; −1 at the end
   */
  int read(byte[] buffer, int from, int length) throws IOException {
    int n = content.read(buffer, from, length);
    bytes += Math.max(0, n);
    if (bytes > limits.maxBytes()) {
      throw new Malformed("more than " + limits.maxBytes() + " bytes unpacked");
    }
    return n;
  }

  /** Bytes read so far of all entries. */
  long bytesRead() {
    return bytes;
  }

  /**
   * What is left of the entry, but no more than {@code most} bytes.
   *
   * @throws InputException if the archive is damaged or exceeds the bounds
   */
  public byte[] readNBytes(int most) {
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] buffer = new byte[Math.min(most, 1 << 16)];
      while (all.size() < most) {
        int n = read(buffer, 0, Math.min(buffer.length, most - all.size()));
        if (n < 0) {
          break;
        }
        all.write(buffer, 0, n);
      }
      return all.toByteArray();
    } catch (IOException | RuntimeException e) {
      throw Archive.failure(archive, e);
    }
  }

  /**
   * Reads the rest of the entry and forgets it.
   *
   * @return how many bytes that were
   */
  public long skipRest() {
    try {
      byte[] buffer = new byte[1 << 16];
      long skipped = 0;
      for (int n = read(buffer, 0, buffer.length); n >= 0; n = read(buffer, 0, buffer.length)) {
        skipped += n;
      }
      return skipped;
    } catch (IOException | RuntimeException e) {
      throw Archive.failure(archive, e);
    }
  }

  @Override
  public void close() {
    try {
      content.close();
    } catch (IOException e) {
      // it was only read
    }
  }
}

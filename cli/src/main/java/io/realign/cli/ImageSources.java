package io.realign.cli;

import io.realign.io.Archive;
import io.realign.io.ArchiveEntries;
import io.realign.io.ImageDecoder;
import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The images of files, folders and archives that a user names: first listed, each with its format,
 * then read one after the other. Nothing is unpacked to the disk.
 */
final class ImageSources {

  /**
   * An image that was found.
   *
   * @param input the file, or the archive that it is in
   * @param path below the folder or in the archive that was named; a file's own name
   * @param entry its place among the entries of an archive; −1 for a file
   * @param format by content
   * @param bytes of the file
   */
  record Source(Path input, Path path, int entry, ImageFormat format, long bytes) {

    boolean inArchive() {
      return entry >= 0;
    }

    /** What to call it in messages. */
    String name() {
      return inArchive() ? input + ":" + path : input.toString();
    }
  }

  private final Path out;
  private final List<Source> found = new ArrayList<>();
  private final Set<Path> read = new HashSet<>();
  private final List<String> failures = new ArrayList<>();
  private int passedOver;

  private ImageSources(Path out) {
    this.out = out.toAbsolutePath().normalize();
  }

  /**
   * Lists the images of {@code inputs}: of folders and archives all files, at any depth, whose
   * names end as those of images do.
   *
   * @param out where results go: a folder in which nothing is looked for
   * @throws InputException for a name under which there is nothing
   */
  static ImageSources find(List<Path> inputs, Path out) {
    ImageSources sources = new ImageSources(out);
    for (Path input : inputs) {
      if (Files.isDirectory(input)) {
        sources.folder(input);
      } else if (!Files.exists(input)) {
        throw new InputException(input + ": no such file or folder");
      } else if (ArchiveEntries.isArchive(input)) {
        sources.archive(input);
      } else {
        sources.file(input, fileName(input));
      }
    }
    return sources;
  }

  /** In the order that they are read in: those of an archive one after the other. */
  List<Source> found() {
    return found;
  }

  /**
   * Whether {@code file} is there and is among what is read, images or archives, under whatever
   * name; also one that turned out to be no image.
   */
  boolean reads(Path file) {
    try {
      return Files.exists(file) && read.contains(file.toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be looked at", e);
    }
  }

  /** What could not be listed, a line each that names it. */
  List<String> failures() {
    return failures;
  }

  /** Files of folders and archives that are no images by name, and links to folders. */
  int passedOver() {
    return passedOver;
  }

  private static Path fileName(Path file) {
    Path name = file.getFileName();
    return name == null ? file : name;
  }

  private static boolean isHidden(Path file) {
    return fileName(file).toString().startsWith(".");
  }

  private void folder(Path folder) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(folder, new Walk(folder, files));
    } catch (IOException e) {
      failures.add(folder + ": cannot be read: " + e);
    }
    files.sort(Comparator.naturalOrder());
    files.forEach(file -> file(file, folder.relativize(file)));
  }

  /** Collects images; what cannot be read is a failure and no end. */
  private final class Walk extends SimpleFileVisitor<Path> {

    private final Path folder;
    private final List<Path> files;

    Walk(Path folder, List<Path> files) {
      this.folder = folder;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path child, BasicFileAttributes attributes) {
      boolean skipped =
          !child.equals(folder)
              && (isHidden(child) || child.toAbsolutePath().normalize().equals(out));
      return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!isHidden(file)
          && ImageFormat.isImageName(fileName(file).toString())
          && Files.isRegularFile(file)) {
        files.add(file);
      } else {
        passedOver++;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      failures.add(file + ": cannot be read: " + e.getClass().getSimpleName());
      return FileVisitResult.CONTINUE;
    }
  }

  private void file(Path file, Path path) {
    try (InputStream in = Files.newInputStream(noted(file))) {
      add(file, path, -1, in.readNBytes(ImageFormat.HEAD), Files.size(file));
    } catch (IOException e) {
      failures.add(file + ": cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private Path noted(Path file) throws IOException {
    read.add(file.toRealPath());
    return file;
  }

  private void archive(Path archive) {
    try (ArchiveEntries entries = Archive.standard().open(noted(archive))) {
      for (int i = 0; entries.next(); i++) {
        boolean hidden = entries.path().toString().matches("(.*[/\\\\])?\\..*");
        if (entries.isFile()
            && !hidden
            && ImageFormat.isImageName(fileName(entries.path()).toString())) {
          byte[] head = entries.readNBytes(ImageFormat.HEAD);
          add(archive, entries.path(), i, head, head.length + entries.skipRest());
        } else if (!entries.isFolder()) {
          passedOver++;
        }
      }
    } catch (InputException e) {
      failures.add(e.getMessage());
    } catch (IOException e) {
      failures.add(archive + ": cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private void add(Path input, Path path, int entry, byte[] head, long bytes) {
    Optional<ImageFormat> format = ImageFormat.of(head);
    if (format.isPresent()) {
      found.add(new Source(input, path, entry, format.get(), bytes));
    } else {
      String name = new Source(input, path, entry, ImageFormat.PNG, bytes).name();
      failures.add(name + (bytes == 0 ? ": an empty file" : ": not an image of a known format"));
    }
  }

  /** Gives the bytes of sources of one archive, in their order; for one thread at a time. */
  static final class Reader implements AutoCloseable {

    private final ImageDecoder limits;
    private Optional<ArchiveEntries> open = Optional.empty();
    private Path archive = Path.of("");
    private int at = -1;

    Reader(ImageDecoder limits) {
      this.limits = limits;
    }

    /**
     * The bytes of an image.
     *
     * @throws InputException if it cannot be read any more, or is larger than the limits
     */
    byte[] read(Source source) {
      if (!source.inArchive()) {
        return limits.bytes(source.input());
      }
      if (source.bytes() > limits.maxBytes()) {
        throw limits.tooLarge(source.name(), source.bytes());
      }
      if (!archive.equals(source.input()) || at >= source.entry()) {
        close();
      }
      ArchiveEntries entries = open.orElseGet(() -> Archive.standard().open(source.input()));
      open = Optional.of(entries);
      archive = source.input();
      while (at < source.entry()) {
        if (!entries.next()) {
          throw new InputException(source.name() + ": is no longer there");
        }
        at++;
      }
      return entries.readNBytes(Math.toIntExact(source.bytes()));
    }

    @Override
    public void close() {
      open.ifPresent(ArchiveEntries::close);
      open = Optional.empty();
      at = -1;
    }
  }
}

package io.realign.data;

import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The files of one kind in a folder and the folders in it, at any depth; links are followed. What
 * is hidden, which is what has a name that begins with a dot, is not looked at.
 *
 * @param root the folder
 * @param files in natural order
 * @param others how many files of other kinds there are, by the ending of their names
 */
record FolderTree(Path root, List<Path> files, SortedMap<String, Integer> others) {

  private static final int ENDINGS_TOLD = 5;

  FolderTree {
    files = List.copyOf(files);
  }

  /** The images, by their names. */
  static FolderTree ofImages(Path root) {
    return of(root, ImageFormat::isImageName);
  }

  /**
   * The files that are wanted.
   *
   * @param wanted what their names tell
   * @throws InputException naming what cannot be read
   */
  static FolderTree of(Path root, Predicate<String> wanted) {
    Walk walk = new Walk(root, wanted);
    try {
      Files.walkFileTree(root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, walk);
    } catch (FileSystemLoopException e) {
      throw new InputException(e.getMessage() + ": a link to a folder that it lies in", e);
    } catch (IOException e) {
      throw new InputException("cannot read the folder " + root + ": " + e, e);
    }
    int first = root.getNameCount();
    walk.files.sort((a, b) -> natural(a, b, first));
    return new FolderTree(root, walk.files, walk.others);
  }

  /** The order of two paths by their names from number {@code first} on. */
  private static int natural(Path a, Path b, int first) {
    int end = Math.min(a.getNameCount(), b.getNameCount());
    for (int i = first; i < end; i++) {
      int order = NaturalOrder.INSTANCE.compare(a.getName(i).toString(), b.getName(i).toString());
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.getNameCount(), b.getNameCount());
  }

  /** What a file is called by, whatever its ending: {@code a/b} for {@code ROOT/a/b.png}. */
  String id(Path file) {
    List<String> names = new ArrayList<>();
    root.relativize(file).forEach(name -> names.add(name.toString()));
    return ImageFiles.stem(String.join("/", names));
  }

  /** What others there are: {@code 2 .heic, 1 .txt}. Empty if there are none. */
  String otherEndings() {
    return endings(others);
  }

  /** A note about the others of several folders. */
  static Optional<String> passedOver(String where, List<FolderTree> trees) {
    SortedMap<String, Integer> all = new TreeMap<>();
    trees.forEach(
        tree -> tree.others.forEach((ending, count) -> all.merge(ending, count, Integer::sum)));
    int count = all.values().stream().mapToInt(Integer::intValue).sum();
    return count == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s: %,d %s of other kinds passed over: %s",
                where,
                count,
                count == 1 ? "file" : "files",
                endings(all)));
  }

  private static String endings(SortedMap<String, Integer> counts) {
    String told =
        counts.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .limit(ENDINGS_TOLD)
            .map(entry -> String.format(Locale.ROOT, "%,d %s", entry.getValue(), entry.getKey()))
            .collect(Collectors.joining(", "));
    return counts.size() > ENDINGS_TOLD ? told + " and others" : told;
  }

  /** Collects. */
  private static final class Walk extends SimpleFileVisitor<Path> {

    private final Path root;
    private final Predicate<String> wanted;
    private final List<Path> files = new ArrayList<>();
    private final SortedMap<String, Integer> others = new TreeMap<>();

    Walk(Path root, Predicate<String> wanted) {
      this.root = root;
      this.wanted = wanted;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return !folder.equals(root) && ImageFiles.isHidden(folder)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = ImageFiles.fileName(file);
      if (!ImageFiles.isHidden(file)) {
        if (attributes.isRegularFile() && wanted.test(name)) {
          files.add(file);
        } else {
          others.merge(kind(name, attributes), 1, Integer::sum);
        }
      }
      return FileVisitResult.CONTINUE;
    }

    private static String kind(String name, BasicFileAttributes attributes) {
      int dot = name.lastIndexOf('.');
      return attributes.isSymbolicLink() // links that lead somewhere were followed
          ? "links to nothing"
          : dot > 0 ? name.substring(dot).toLowerCase(Locale.ROOT) : "without an ending";
    }
  }
}

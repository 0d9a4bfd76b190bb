package io.realign.data;

import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A user's own images, one folder a class: {@code DIR/train/CLASS/x.png} with {@code DIR/test} and,
 * if wanted, {@code DIR/val} beside it, or {@code DIR/CLASS/x.png} alone, of which a tenth, drawn
 * by seed, is the test part.
 *
 * <p>Images may lie in folders within those of the classes. Classes are the folders of {@code
 * train} where it is there, numbered as torchvision's {@code ImageFolder} does, by the code points
 * of their names ({@code class10} before {@code class2}); a file {@code DIR/classes.txt} with a
 * folder's name a line sets another order, and may name classes of which there are no images.
 * Images are cut to the square in the middle and scaled; greyscale becomes RGB.
 */
public final class ImageFolder {

  private static final double TEST_FRACTION = 0.1;
  private static final Seed TEST_SEED = Seed.of(0); // no run may train on another's test images
  private static final int NAMES_TOLD = 10;

  private ImageFolder() {}

  /** Whether {@code root} has a folder of its own for a part. */
  public static boolean has(Path root, Part part) {
    return Files.isDirectory(root.resolve(part.word()));
  }

  /**
   * Lists a part; images are decoded when asked for.
   *
   * @param root the folder of the parts or of the classes
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException if there is no class, a class folder without images, or one of a class
   *     that {@code train} or {@code classes.txt} lacks
   */
  public static Dataset open(Path root, Part part, int side) {
    return open(root, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path root, Part part, int side, Flaws flaws) {
    if (!Files.isDirectory(root)) {
      throw new InputException("no image folder at " + root + expected());
    }
    if (has(root, part)) {
      Path names =
          has(root, Part.TRAIN) ? root.resolve(Part.TRAIN.word()) : root.resolve(part.word());
      return list(root.resolve(part.word()), Classes.of(root, names), side, List.of(), flaws);
    }
    if (has(root, Part.TRAIN) || has(root, Part.VAL) || has(root, Part.TEST)) {
      throw new InputException(root + " has no folder " + part.word() + expected());
    }
    if (part == Part.VAL) {
      throw new IllegalArgumentException(root + " has no folder val: split it off train");
    }
    String note = "no folders train and test in " + root + ": a tenth of it is the test part";
    Split split =
        Split.of(
            list(root, Classes.of(root, root), side, List.of(note), flaws),
            TEST_FRACTION,
            TEST_SEED);
    return part == Part.TRAIN ? split.train() : split.val();
  }

  /**
   * What the labels stand for.
   *
   * @param source who says so
   * @param names by label
   */
  private record Classes(Path source, List<String> names) {

    /** Those of {@code root}'s list, else the folders in {@code folder}. */
    static Classes of(Path root, Path folder) {
      Path list = root.resolve(NameList.CLASSES);
      if (Files.isRegularFile(list)) {
        return new Classes(list, NameList.read(list));
      }
      List<String> names = ImageFiles.folders(folder).stream().map(ImageFiles::fileName).toList();
      return new Classes(folder, NameList.sorted(names));
    }
  }

  private static Dataset list(
      Path folder, Classes classes, int side, List<String> told, Flaws flaws) {
    List<Path> folders = ImageFiles.folders(folder);
    if (folders.isEmpty()) {
      throw new InputException("no class folders in " + folder + expected());
    }
    List<ImageFiles.Entry> entries = new ArrayList<>();
    List<FolderTree> trees = new ArrayList<>();
    List<String> missing = new ArrayList<>(classes.names);
    for (Path child : folders) {
      String name = ImageFiles.fileName(child);
      missing.remove(name);
      flaws
          .read(() -> images(child, classes))
          .ifPresent(
              tree -> {
                int label = classes.names.indexOf(name);
                tree.files().forEach(file -> entries.add(new ImageFiles.Entry(file, label)));
                trees.add(tree);
              });
    }
    List<String> notes = new ArrayList<>(told);
    FolderTree.passedOver(folder.toString(), trees).ifPresent(notes::add);
    int beside = ImageFiles.images(folder).size();
    if (beside > 0) {
      notes.add(
          "%s: images that lie beside the class folders are passed over: %d"
              .formatted(folder, beside));
    }
    if (!missing.isEmpty()) {
      notes.add(
          "%s: no images of %d of %d classes: %s"
              .formatted(folder, missing.size(), classes.names.size(), shortened(missing)));
    }
    return new ImageFiles("folder", classes.names, entries, side, notes);
  }

  private static FolderTree images(Path child, Classes classes) {
    if (!classes.names.contains(ImageFiles.fileName(child))) {
      throw new InputException(
          "%s is of no class of %s: %s".formatted(child, classes.source, classes.names));
    }
    FolderTree tree = FolderTree.ofImages(child);
    if (tree.files().isEmpty()) {
      throw new InputException(
          "%s is a class without images (%s)%s: fill it or take it away"
              .formatted(
                  child,
                  ImageFormat.allEndings(),
                  tree.others().isEmpty() ? "" : ", but with " + tree.otherEndings()));
    }
    return tree;
  }

  private static String shortened(List<String> names) {
    String told = String.join(", ", names.stream().limit(NAMES_TOLD).toList());
    return names.size() > NAMES_TOLD ? told + " and others" : told;
  }

  private static String expected() {
    return ": expected DIR/CLASS/*.png or DIR/{train,test}/CLASS/*.png (or .jpg)";
  }
}

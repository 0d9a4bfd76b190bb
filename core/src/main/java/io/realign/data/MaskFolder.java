package io.realign.data;

import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A user's own images with masks: {@code DIR/{train,test}/{images,masks}}, and {@code DIR/val} if
 * wanted, or {@code DIR/{images,masks}} alone, of which a tenth, drawn by seed, is the test part. A
 * mask is a PNG of its image's name and size, in the folder within {@code masks} that its image has
 * within {@code images}; its values, palette indices or grey, are the line numbers of {@code
 * DIR/classes.txt} counted from 0; 255 is unknown.
 *
 * <p>Images are scaled as they are and padded, as other images for masks.
 */
public final class MaskFolder {

  private static final double TEST_FRACTION = 0.1;
  private static final Seed TEST_SEED = Seed.of(0); // no run may train on another's test images
  private static final int MOST_CLASSES = 255;

  private MaskFolder() {}

  /** Whether {@code root} has a folder of its own for a part. */
  static boolean has(Path root, Part part) {
    return Files.isDirectory(root.resolve(part.word()));
  }

  /**
   * Lists a part; images and masks are decoded when asked for.
   *
   * @param root the folder of {@code classes.txt}
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException naming the file or folder that is missing or wrong
   */
  public static Dataset open(Path root, Part part, int side) {
    return open(root, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path root, Part part, int side, Flaws flaws) {
    if (!Files.isDirectory(root)) {
      throw new InputException("no folder " + root + expected());
    }
    List<String> classes = classes(root.resolve(NameList.CLASSES));
    if (has(root, part)) {
      return list(root.resolve(part.word()), classes, side, List.of(), flaws);
    }
    if (has(root, Part.TRAIN) || has(root, Part.VAL) || has(root, Part.TEST)) {
      throw new InputException(root + " has no folder " + part.word() + expected());
    }
    if (part == Part.VAL) {
      throw new IllegalArgumentException(root + " has no folder val: split it off train");
    }
    String note = "no folders train and test in " + root + ": a tenth of it is the test part";
    Split split =
        Split.of(list(root, classes, side, List.of(note), flaws), TEST_FRACTION, TEST_SEED);
    return part == Part.TRAIN ? split.train() : split.val();
  }

  private static List<String> classes(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException("no file " + file + expected());
    }
    List<String> classes = NameList.read(file);
    if (classes.size() < 2 || classes.size() > MOST_CLASSES) {
      throw new InputException(
          "%s has %d classes, expected 2 to %d, a line each"
              .formatted(file, classes.size(), MOST_CLASSES));
    }
    return classes;
  }

  private static Dataset list(
      Path folder, List<String> classes, int side, List<String> told, Flaws flaws) {
    Path images = folder.resolve("images");
    Path masks = folder.resolve("masks");
    if (!Files.isDirectory(images) || !Files.isDirectory(masks)) {
      throw new InputException("no folders images and masks in " + folder + expected());
    }
    FolderTree tree = FolderTree.ofImages(images);
    if (tree.files().isEmpty()) {
      throw new InputException("no images (%s) in %s".formatted(ImageFormat.allEndings(), images));
    }
    List<AnnotatedFiles.Entry> entries = new ArrayList<>();
    for (Path image : tree.files()) {
      Path mask = masks.resolve(tree.id(image) + ".png");
      flaws.read(() -> entry(image, mask)).ifPresent(entries::add);
    }
    List<String> notes = new ArrayList<>(told);
    FolderTree.passedOver(images.toString(), List.of(tree)).ifPresent(notes::add);
    return new AnnotatedFiles(
        "mask-folder",
        classes,
        classes,
        entries,
        MaskValues.plain(classes.size()),
        Fit.PAD,
        side,
        notes);
  }

  private static AnnotatedFiles.Entry entry(Path image, Path mask) {
    if (!Files.isRegularFile(mask)) {
      throw new InputException("%s has no mask %s".formatted(image, mask));
    }
    return new AnnotatedFiles.Entry(image, Optional.of(mask), List.of(), Optional.empty());
  }

  private static String expected() {
    return ": expected DIR/classes.txt with DIR/{images,masks} or DIR/{train,test}/{images,masks}";
  }
}

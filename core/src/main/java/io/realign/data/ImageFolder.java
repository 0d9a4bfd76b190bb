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
 * <p>Classes are numbered in natural order of their names ({@code class2} before {@code class10}),
 * those of {@code train} where it is there. Images are cut to the square in the middle and scaled;
 * greyscale becomes RGB.
 */
public final class ImageFolder {

  private static final double TEST_FRACTION = 0.1;
  private static final Seed TEST_SEED = Seed.of(0); // no run may train on another's test images

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
   * @throws InputException if there is no class or no image, or a class that {@code train} lacks
   */
  public static Dataset open(Path root, Part part, int side) {
    if (!Files.isDirectory(root)) {
      throw new InputException("no image folder at " + root + expected());
    }
    if (has(root, part)) {
      Path names =
          has(root, Part.TRAIN) ? root.resolve(Part.TRAIN.word()) : root.resolve(part.word());
      return list(root.resolve(part.word()), classes(names), side, List.of());
    }
    if (has(root, Part.TRAIN) || has(root, Part.VAL) || has(root, Part.TEST)) {
      throw new InputException(root + " has no folder " + part.word() + expected());
    }
    if (part == Part.VAL) {
      throw new IllegalArgumentException(root + " has no folder val: split it off train");
    }
    String note = "no folders train and test in " + root + ": a tenth of it is the test part";
    Split split =
        Split.of(list(root, classes(root), side, List.of(note)), TEST_FRACTION, TEST_SEED);
    return part == Part.TRAIN ? split.train() : split.val();
  }

  private static List<String> classes(Path folder) {
    List<String> classes = ImageFiles.folders(folder).stream().map(ImageFiles::fileName).toList();
    if (classes.isEmpty()) {
      throw new InputException("no class folders in " + folder + expected());
    }
    return classes;
  }

  private static Dataset list(Path folder, List<String> classes, int side, List<String> notes) {
    List<ImageFiles.Entry> entries = new ArrayList<>();
    for (Path child : ImageFiles.folders(folder)) {
      int label = classes.indexOf(ImageFiles.fileName(child));
      if (label < 0) {
        throw new InputException(child + " is of no class of the folder train: " + classes);
      }
      for (Path file : ImageFiles.images(child)) {
        entries.add(new ImageFiles.Entry(file, label));
      }
    }
    if (entries.isEmpty()) {
      throw new InputException(
          "no images (%s) in the class folders of %s".formatted(ImageFormat.allEndings(), folder));
    }
    return new ImageFiles("folder", classes, entries, side, notes);
  }

  private static String expected() {
    return ": expected DIR/CLASS/*.png or DIR/{train,test}/CLASS/*.png (or .jpg)";
  }
}

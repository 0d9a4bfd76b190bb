package io.realign.data;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A user's own images with masks: {@code DIR/{train,test}/{images,masks}}, and {@code DIR/val} if
 * wanted, or {@code DIR/{images,masks}} alone, of which a tenth, drawn by seed, is the test part. A
 * mask is a PNG of its image's name and size, whose values, palette indices or grey, are the line
 * numbers of {@code DIR/classes.txt} counted from 0; 255 is unknown.
 *
 * <p>Images are scaled as they are and padded, as other images for masks.
 */
public final class MaskFolder {

  private static final double TEST_FRACTION = 0.1;
  private static final Seed TEST_SEED = Seed.of(0); // no run may train on another's test images
  private static final String CLASSES = "classes.txt";
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
    if (!Files.isDirectory(root)) {
      throw new InputException("no folder " + root + expected());
    }
    List<String> classes = classes(root.resolve(CLASSES));
    if (has(root, part)) {
      return list(root.resolve(part.word()), classes, side, List.of());
    }
    if (has(root, Part.TRAIN) || has(root, Part.VAL) || has(root, Part.TEST)) {
      throw new InputException(root + " has no folder " + part.word() + expected());
    }
    if (part == Part.VAL) {
      throw new IllegalArgumentException(root + " has no folder val: split it off train");
    }
    String note = "no folders train and test in " + root + ": a tenth of it is the test part";
    Split split = Split.of(list(root, classes, side, List.of(note)), TEST_FRACTION, TEST_SEED);
    return part == Part.TRAIN ? split.train() : split.val();
  }

  private static List<String> classes(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException("no file " + file + expected());
    }
    try {
      List<String> classes = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (String line : Files.readAllLines(file)) {
        String name = line.strip();
        if (!name.isEmpty() && !seen.add(name)) {
          throw new InputException(file + ": class '" + name + "' is there twice");
        }
        if (!name.isEmpty()) {
          classes.add(name);
        }
      }
      if (classes.size() < 2 || classes.size() > MOST_CLASSES) {
        throw new InputException(
            "%s has %d classes, expected 2 to %d, a line each"
                .formatted(file, classes.size(), MOST_CLASSES));
      }
      return classes;
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e, e);
    }
  }

  private static Dataset list(Path folder, List<String> classes, int side, List<String> notes) {
    Path images = folder.resolve("images");
    Path masks = folder.resolve("masks");
    if (!Files.isDirectory(images) || !Files.isDirectory(masks)) {
      throw new InputException("no folders images and masks in " + folder + expected());
    }
    List<AnnotatedFiles.Entry> entries = new ArrayList<>();
    for (Path image : ImageFiles.images(images)) {
      Path mask = masks.resolve(ImageFiles.fileName(image).replaceFirst("\\.[^.]*$", "") + ".png");
      if (!Files.isRegularFile(mask)) {
        throw new InputException("%s has no mask %s".formatted(image, mask));
      }
      entries.add(new AnnotatedFiles.Entry(image, Optional.of(mask), List.of(), Optional.empty()));
    }
    if (entries.isEmpty()) {
      throw new InputException("no images (.png, .jpg, .jpeg, .bmp, .gif) in " + images);
    }
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

  private static String expected() {
    return ": expected DIR/classes.txt with DIR/{images,masks} or DIR/{train,test}/{images,masks}";
  }
}

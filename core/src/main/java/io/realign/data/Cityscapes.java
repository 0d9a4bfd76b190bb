package io.realign.data;

import io.realign.io.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cityscapes in its official layout: {@code leftImg8bit/{train,val}/CITY/*_leftImg8bit.png} and
 * {@code gtFine/{train,val}/CITY/*_gtFine_labelIds.png}, in the data folder itself or in its folder
 * {@code cityscapes}. The label ids are mapped to the nineteen that are evaluated, all others are
 * unknown.
 *
 * <p>The labels of its test part are not published, so {@code val} is the test part.
 */
public final class Cityscapes {

  /** The classes, by train id. */
  public static final List<String> CLASSES =
      List.of(
          "road",
          "sidewalk",
          "building",
          "wall",
          "fence",
          "pole",
          "traffic light",
          "traffic sign",
          "vegetation",
          "terrain",
          "sky",
          "person",
          "rider",
          "car",
          "truck",
          "bus",
          "train",
          "motorcycle",
          "bicycle");

  /** Which folder is meant, and who has it. */
  static final String EXPECTED =
      "the folder that holds leftImg8bit/{train,val}/CITY/*.png and"
          + " gtFine/{train,val}/CITY/*_labelIds.png, from leftImg8bit_trainvaltest.zip and"
          + " gtFine_trainvaltest.zip of www.cityscapes-dataset.com, which gives them to those who"
          + " register";

  /** What it is called on the command line. */
  static final String NAME = "cityscapes";

  private static final int[] LABEL_IDS = {
    7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33
  };
  private static final String IMAGES = "leftImg8bit";
  private static final String MASKS = "gtFine";

  private Cityscapes() {}

  /**
   * Lists a part; images and masks are decoded when asked for.
   *
   * @param dataDir the folder that holds the two folders, or {@code cityscapes} with them
   * @param part {@link Part#TRAIN} or {@link Part#TEST}
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException naming the file or folder that is missing or wrong
   */
  public static Dataset open(Path dataDir, Part part, int side) {
    return open(dataDir, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path dataDir, Part part, int side, Flaws flaws) {
    if (part == Part.VAL) {
      throw new IllegalArgumentException(
          "cityscapes' val is its test part: split validation off train");
    }
    Path own = dataDir.resolve(NAME);
    Path root = Files.isDirectory(own) ? own : dataDir;
    String word = part == Part.TRAIN ? "train" : "val";
    Path folder = root.resolve(IMAGES).resolve(word);
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "no folder %s: expected DATA_DIR/{%s,%s}/{train,val}/CITY/*.png, as www.cityscapes-dataset.com offers them"
              .formatted(folder, IMAGES, MASKS));
    }
    boolean none = true;
    List<AnnotatedFiles.Entry> entries = new ArrayList<>();
    for (Path city : ImageFiles.folders(folder)) {
      Path masks = root.resolve(MASKS).resolve(word).resolve(ImageFiles.fileName(city));
      for (Path image : ImageFiles.images(city)) {
        none = false;
        flaws.read(() -> entry(image, masks)).ifPresent(entries::add);
      }
    }
    if (none) {
      throw new InputException("no images in the city folders of " + folder);
    }
    return new AnnotatedFiles(
        NAME, CLASSES, CLASSES, entries, MaskValues.ids(LABEL_IDS), Fit.PAD, side, List.of());
  }

  private static AnnotatedFiles.Entry entry(Path image, Path masks) {
    String name = ImageFiles.fileName(image);
    int end = name.lastIndexOf("_" + IMAGES);
    if (end < 0) {
      throw new InputException(image + ": expected a name that ends in _" + IMAGES + ".png");
    }
    Path mask = masks.resolve(name.substring(0, end) + "_" + MASKS + "_labelIds.png");
    return new AnnotatedFiles.Entry(image, Optional.of(mask), List.of(), Optional.empty());
  }
}

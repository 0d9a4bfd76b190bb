package io.realign.data;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * PASCAL VOC in its official layout: {@code VOCdevkit/VOC2012/{JPEGImages, Annotations,
 * SegmentationClass, ImageSets/{Main,Segmentation}/{train,val,trainval,test}.txt}}.
 *
 * <p>{@code voc2012} trains on its train part and is tested on its val part, as the labels of its
 * test part are not published. {@code voc2007} and {@code voc0712} are tested on VOC2007's test
 * part and trained on its trainval part, the latter on VOC2012's too.
 *
 * <p>What is wrong in an annotation is told by file: a box beyond the image is cut or left out with
 * a note, an unknown class or a mask of another size refused. Images without objects stay.
 */
public final class VocDevkit {

  /** The classes, by label; masks have background before them. */
  public static final List<String> CLASSES =
      List.of(
          "aeroplane",
          "bicycle",
          "bird",
          "boat",
          "bottle",
          "bus",
          "car",
          "cat",
          "chair",
          "cow",
          "diningtable",
          "dog",
          "horse",
          "motorbike",
          "person",
          "pottedplant",
          "sheep",
          "sofa",
          "train",
          "tvmonitor");

  /** The names that {@link #open} knows. */
  static final List<String> NAMES = List.of("voc2012", "voc2007", "voc0712");

  private static final String FOLDER = "VOCdevkit";

  private VocDevkit() {}

  /** A list of images of a year. */
  private record ImageSet(String year, String part) {}

  /**
   * Lists a part; annotations are read here, images and masks when asked for.
   *
   * @param dataDir the folder that holds {@code VOCdevkit}
   * @param name one of {@link #NAMES}
   * @param part {@link Part#TRAIN} or {@link Part#TEST}
   * @param labelling {@link Labelling#MASKS} or {@link Labelling#BOXES}
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException naming the file or folder that is missing or wrong
   */
  public static Dataset open(Path dataDir, String name, Part part, Labelling labelling, int side) {
    return open(dataDir, name, part, labelling, side, Flaws.thrown());
  }

  /** As the other; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(
      Path dataDir, String name, Part part, Labelling labelling, int side, Flaws flaws) {
    if (labelling == Labelling.CLASSES) {
      throw new InputException(name + " has masks and boxes, not one class an image");
    }
    List<AnnotatedFiles.Entry> entries = new ArrayList<>();
    for (ImageSet set : sets(name, part)) {
      Path root = dataDir.resolve(FOLDER).resolve("VOC" + set.year);
      for (String id : flaws.read(() -> ids(dataDir, root, set, labelling)).orElse(List.of())) {
        flaws.read(() -> entry(root, id, labelling, flaws)).ifPresent(entries::add);
      }
    }
    return new AnnotatedFiles(
        name,
        CLASSES,
        Dataset.withBackground(CLASSES),
        entries,
        MaskValues.plain(CLASSES.size() + 1),
        labelling == Labelling.MASKS ? Fit.PAD : Fit.STRETCH,
        side,
        flaws.notes(name));
  }

  private static List<ImageSet> sets(String name, Part part) {
    if (part == Part.VAL) {
      throw new IllegalArgumentException(name + ": split validation off train");
    }
    boolean train = part == Part.TRAIN;
    return switch (name) {
      case "voc2012" -> List.of(new ImageSet("2012", train ? "train" : "val"));
      case "voc2007" -> List.of(new ImageSet("2007", train ? "trainval" : "test"));
      default ->
          train
              ? List.of(new ImageSet("2007", "trainval"), new ImageSet("2012", "trainval"))
              : List.of(new ImageSet("2007", "test"));
    };
  }

  private static List<String> ids(Path dataDir, Path root, ImageSet set, Labelling labelling) {
    if (!Files.isDirectory(root)) {
      throw new InputException(
          ("no folder %s/VOC%s in %s: expected DATA_DIR/%s/VOC%s/{JPEGImages,Annotations,"
                  + "SegmentationClass,ImageSets}, which `realign data fetch voc%s` brings")
              .formatted(FOLDER, set.year, dataDir, FOLDER, set.year, set.year));
    }
    String kind = labelling == Labelling.MASKS ? "Segmentation" : "Main";
    Path list = root.resolve("ImageSets").resolve(kind).resolve(set.part + ".txt");
    try {
      List<String> ids =
          Files.readAllLines(list).stream()
              .map(line -> line.strip().split("\\s", 2)[0])
              .filter(id -> !id.isEmpty())
              .toList();
      if (ids.isEmpty()) {
        throw new InputException(list + " names no image");
      }
      return ids;
    } catch (IOException e) {
      throw new InputException("cannot read " + list + ": " + e, e);
    }
  }

  private static AnnotatedFiles.Entry entry(
      Path root, String id, Labelling labelling, Flaws flaws) {
    Path image = root.resolve("JPEGImages").resolve(id + ".jpg");
    VocAnnotation known =
        VocAnnotation.read(root.resolve("Annotations").resolve(id + ".xml"), CLASSES, flaws);
    Optional<Path> mask =
        labelling == Labelling.MASKS
            ? Optional.of(root.resolve("SegmentationClass").resolve(id + ".png"))
            : Optional.empty();
    return new AnnotatedFiles.Entry(image, mask, known.boxes(), known.size());
  }
}

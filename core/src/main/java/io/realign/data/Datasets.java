package io.realign.data;

import io.realign.io.Catalog;
import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The datasets by their names on the command line. */
public final class Datasets {

  private static final String FOLDER = "folder";
  private static final String COCO = "coco";
  private static final String VOC_FOLDER = "voc-folder";
  private static final String MASK_FOLDER = "mask-folder";

  /** What each can say about its images. */
  private static final SequencedMap<String, Set<Labelling>> LABELLINGS = new LinkedHashMap<>();

  static {
    LABELLINGS.put("scenes", EnumSet.allOf(Labelling.class));
    LABELLINGS.put(Scenes.OF_ONE, EnumSet.allOf(Labelling.class));
    for (String name : List.of("cifar10", "cifar100", "tiny-imagenet", FOLDER)) {
      LABELLINGS.put(name, EnumSet.of(Labelling.CLASSES));
    }
    for (String name : VocDevkit.NAMES) {
      LABELLINGS.put(name, EnumSet.of(Labelling.MASKS, Labelling.BOXES));
    }
    LABELLINGS.put(COCO, EnumSet.of(Labelling.BOXES));
    LABELLINGS.put(VOC_FOLDER, EnumSet.of(Labelling.BOXES));
    LABELLINGS.put(MASK_FOLDER, EnumSet.of(Labelling.MASKS));
    LABELLINGS.put("camvid", EnumSet.of(Labelling.MASKS));
    LABELLINGS.put(Cityscapes.NAME, EnumSet.of(Labelling.MASKS));
  }

  private static final int SCENES_SIDE = 32;
  private static final int SCENES_SIDE_OF_MANY = 96;
  private static final int FOLDER_SIDE = 64;
  private static final int MASKS_SIDE = 128;
  private static final int BOXES_SIDE = 300;

  private Datasets() {}

  /**
   * What may be chosen.
   *
   * @param imageSize height and width in pixels, 0 for the dataset's own: 32 for scenes of one
   *     object and CIFAR, 64 for Tiny-ImageNet and folders, 96 for scenes of many, 128 for other
   *     images with masks, 300 for others with boxes
   * @param validation the part of the training images that is {@code val}, in [0,1); with 0 {@code
   *     train} is all of them and there is no {@code val}
   * @param seed draws the validation part; test images never depend on it
   * @param labelling what the images are to be labelled with
   */
  public record Options(int imageSize, double validation, Seed seed, Labelling labelling) {

    /** Checks the numbers. */
    public Options {
      if (imageSize < 0) {
        throw new InputException("the image size must not be negative: " + imageSize);
      }
      if (!(validation >= 0 && validation < 1)) {
        throw new InputException("the validation part must lie in [0,1), not " + validation);
      }
    }

    /** A class an image. */
    public Options(int imageSize, double validation, Seed seed) {
      this(imageSize, validation, seed, Labelling.CLASSES);
    }

    /** The dataset's own size, one in twenty for validation, seed 0, a class an image. */
    public static Options standard() {
      return new Options(0, 0.05, Seed.of(0));
    }

    /** These with other labels. */
    public Options labelled(Labelling other) {
      return new Options(imageSize, validation, seed, other);
    }

    /** These with another image size. */
    public Options sized(int side) {
      return new Options(side, validation, seed, labelling);
    }

    private int sizeOr(int own) {
      return imageSize == 0 ? own : imageSize;
    }
  }

  /** The names that {@link #open} knows. */
  public static List<String> names() {
    return List.copyOf(LABELLINGS.keySet());
  }

  /** Those that can say this about their images. */
  public static List<String> names(Labelling labelling) {
    return LABELLINGS.entrySet().stream()
        .filter(entry -> entry.getValue().contains(labelling))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * What it can say about its images, the usual first.
   *
   * @throws InputException for an unknown name
   */
  public static List<Labelling> labellings(String name) {
    Set<Labelling> known = LABELLINGS.get(name);
    if (known == null) {
      throw new InputException(
          "unknown dataset '" + name + "': one of " + String.join(", ", names()));
    }
    return List.copyOf(known);
  }

  /** Whether its images are drawn: it has no files. */
  public static boolean isDrawn(String name) {
    return name.equals("scenes") || name.equals(Scenes.OF_ONE);
  }

  /**
   * Opens a part of a dataset. {@code train} and {@code val} never share an image; a {@code val}
   * folder of an image folder is used as it is, else {@code val} is split off {@code train}.
   *
   * @param name one of {@link #names()}
   * @param dataDir the folder that holds {@code cifar-10-batches-bin} and so on, for {@code
   *     folder}, {@code coco}, {@code voc-folder} and {@code mask-folder} the folder itself; scenes
   *     need none
   * @throws InputException for an unknown name, for labels that it lacks, and for what is missing
   *     or broken
   */
  public static Dataset open(String name, Optional<Path> dataDir, Part part, Options options) {
    check(name, options.labelling());
    if (part == Part.TEST
        || hasOwnVal(name, dataDir) // there may be no train to split
        || (part == Part.TRAIN && options.validation() == 0)) {
      return files(name, dataDir, part, options);
    }
    Training training = training(name, dataDir, options);
    return part == Part.TRAIN ? training.train() : training.val();
  }

  /**
   * The images to train on and those that judge.
   *
   * @param train part {@code train}
   * @param val part {@code val}
   */
  public record Training(Dataset train, Dataset val) {}

  /**
   * Opens {@code train} and {@code val}, as {@link #open} gives them, at once: of what is held in
   * memory there is one copy.
   *
   * @throws InputException as {@link #open}
   */
  public static Training training(String name, Optional<Path> dataDir, Options options) {
    check(name, options.labelling());
    Dataset train = files(name, dataDir, Part.TRAIN, options);
    if (hasOwnVal(name, dataDir)) {
      return new Training(train, files(name, dataDir, Part.VAL, options));
    }
    if (options.validation() == 0) {
      throw new InputException(name + " has no val images when the validation part is 0");
    }
    Split split = Split.of(train, options.validation(), options.seed().child("validation"));
    return new Training(split.train(), split.val());
  }

  private static boolean hasOwnVal(String name, Optional<Path> dataDir) {
    return name.equals("camvid")
        || (name.equals(COCO) && Coco.hasVal(required(name, dataDir)))
        || (name.equals(VOC_FOLDER) && VocFolder.hasVal(required(name, dataDir)))
        || (name.equals(MASK_FOLDER) && MaskFolder.has(required(name, dataDir), Part.VAL))
        || (name.equals(FOLDER) && ImageFolder.has(required(name, dataDir), Part.VAL));
  }

  static void check(String name, Labelling labelling) {
    if (!labellings(name).contains(labelling)) {
      throw new InputException(
          "%s has no %s: one of %s does"
              .formatted(
                  name,
                  switch (labelling) {
                    case CLASSES -> "one class an image";
                    case MASKS -> "masks";
                    case BOXES -> "boxes";
                  },
                  String.join(", ", names(labelling))));
    }
  }

  /**
   * The parts that have files of their own, which {@link #files} opens. Of users' folders those
   * that are there; without parts {@code train} and {@code test}, which are drawn from the whole.
   */
  static List<Part> parts(String name, Optional<Path> dataDir) {
    List<Part> there =
        switch (name) {
          case FOLDER -> present(part -> ImageFolder.has(required(name, dataDir), part));
          case MASK_FOLDER -> present(part -> MaskFolder.has(required(name, dataDir), part));
          case COCO -> present(part -> Coco.has(required(name, dataDir), part));
          case VOC_FOLDER -> present(part -> VocFolder.has(required(name, dataDir), part));
          case "camvid" -> List.of(Part.values());
          default -> List.of();
        };
    return there.isEmpty() ? List.of(Part.TRAIN, Part.TEST) : there;
  }

  private static List<Part> present(Predicate<Part> has) {
    return Stream.of(Part.values()).filter(has).toList();
  }

  private static Dataset files(String name, Optional<Path> dataDir, Part part, Options options) {
    return files(name, dataDir, part, options, Flaws.thrown());
  }

  /** A part as it is stored or drawn; what is wrong with single files goes to {@code flaws}. */
  static Dataset files(
      String name, Optional<Path> dataDir, Part part, Options options, Flaws flaws) {
    return switch (name) {
      case "scenes" -> scenes(part, options);
      case Scenes.OF_ONE -> Scenes.ofOne(options.sizeOr(SCENES_SIDE), part);
      case "cifar10" -> cifar(Cifar.Kind.CIFAR10, name, dataDir, part, options, flaws);
      case "cifar100" -> cifar(Cifar.Kind.CIFAR100, name, dataDir, part, options, flaws);
      case "tiny-imagenet" ->
          TinyImageNet.open(
              required(name, dataDir), part, options.sizeOr(TinyImageNet.SIDE), flaws);
      case "voc2012", "voc2007", "voc0712" ->
          VocDevkit.open(
              required(name, dataDir),
              name,
              part,
              options.labelling(),
              options.sizeOr(options.labelling() == Labelling.MASKS ? MASKS_SIDE : BOXES_SIDE),
              flaws);
      case COCO -> Coco.open(required(name, dataDir), part, options.sizeOr(BOXES_SIDE), flaws);
      case VOC_FOLDER ->
          VocFolder.open(required(name, dataDir), part, options.sizeOr(BOXES_SIDE), flaws);
      case MASK_FOLDER ->
          MaskFolder.open(required(name, dataDir), part, options.sizeOr(MASKS_SIDE), flaws);
      case "camvid" ->
          CamVid.open(required(name, dataDir), part, options.sizeOr(MASKS_SIDE), flaws);
      case Cityscapes.NAME ->
          Cityscapes.open(required(name, dataDir), part, options.sizeOr(MASKS_SIDE), flaws);
      default ->
          ImageFolder.open(required(name, dataDir), part, options.sizeOr(FOLDER_SIDE), flaws);
    };
  }

  private static Dataset scenes(Part part, Options options) {
    return options.labelling() == Labelling.CLASSES
        ? Scenes.standard(options.sizeOr(SCENES_SIDE), part)
        : Scenes.ofMany(options.sizeOr(SCENES_SIDE_OF_MANY), part);
  }

  private static Dataset cifar(
      Cifar.Kind kind,
      String name,
      Optional<Path> dataDir,
      Part part,
      Options options,
      Flaws flaws) {
    if (options.sizeOr(CifarFile.SIDE) != CifarFile.SIDE) {
      throw new InputException(name + " has images of 32 pixels, not " + options.imageSize());
    }
    return Cifar.open(kind, required(name, dataDir), part, flaws);
  }

  private static Path required(String name, Optional<Path> dataDir) {
    return dataDir.orElseThrow(
        () -> new InputException("%s needs --data-dir: %s".formatted(name, folder(name))));
  }

  private static String folder(String name) {
    return switch (name) {
      case FOLDER, COCO, VOC_FOLDER, MASK_FOLDER -> "the folder of your images";
      case "voc0712" ->
          "the folder that `realign data fetch voc2007` and `realign data fetch voc2012` filled";
      case "camvid" -> CamVid.EXPECTED;
      case Cityscapes.NAME -> Cityscapes.EXPECTED;
      default ->
          Catalog.official().names().contains(name)
              ? "the folder that `realign data fetch " + name + "` filled"
              : "the folder that holds it";
    };
  }
}

package io.realign.data;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The datasets by their names on the command line. */
public final class Datasets {

  private static final List<String> NAMES =
      List.of("scenes", "cifar10", "cifar100", "tiny-imagenet", "folder");
  private static final int SCENES_SIDE = 32;
  private static final int FOLDER_SIDE = 64;

  private Datasets() {}

  /**
   * What may be chosen.
   *
   * @param imageSize height and width in pixels, 0 for the dataset's own: 32 for scenes and CIFAR,
   *     64 for Tiny-ImageNet and folders
   * @param validation the part of the training images that is {@code val}, in [0,1); with 0 {@code
   *     train} is all of them and there is no {@code val}
   * @param seed draws the validation part; test images never depend on it
   */
  public record Options(int imageSize, double validation, Seed seed) {

    /** Checks the numbers. */
    public Options {
      if (imageSize < 0) {
        throw new InputException("the image size must not be negative: " + imageSize);
      }
      if (!(validation >= 0 && validation < 1)) {
        throw new InputException("the validation part must lie in [0,1), not " + validation);
      }
    }

    /** The dataset's own size, one in twenty for validation, seed 0. */
    public static Options standard() {
      return new Options(0, 0.05, Seed.of(0));
    }

    private int sizeOr(int own) {
      return imageSize == 0 ? own : imageSize;
    }
  }

  /** The names that {@link #open} knows. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Opens a part of a dataset. {@code train} and {@code val} never share an image; a {@code val}
   * folder of an image folder is used as it is, else {@code val} is split off {@code train}.
   *
   * @param name one of {@link #names()}
   * @param dataDir the folder that holds {@code cifar-10-batches-bin} and so on, for {@code folder}
   *     the image folder itself; scenes need none
   * @throws InputException for an unknown name, and for what is missing or broken
   */
  public static Dataset open(String name, Optional<Path> dataDir, Part part, Options options) {
    check(name);
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
    check(name);
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
    return name.equals("folder") && ImageFolder.has(required(name, dataDir), Part.VAL);
  }

  private static void check(String name) {
    if (!NAMES.contains(name)) {
      throw new InputException(
          "unknown dataset '" + name + "': one of " + String.join(", ", NAMES));
    }
  }

  /** A part as it is stored or drawn. */
  private static Dataset files(String name, Optional<Path> dataDir, Part part, Options options) {
    return switch (name) {
      case "scenes" -> Scenes.standard(options.sizeOr(SCENES_SIDE), part);
      case "cifar10" -> cifar(Cifar.Kind.CIFAR10, name, dataDir, part, options);
      case "cifar100" -> cifar(Cifar.Kind.CIFAR100, name, dataDir, part, options);
      case "tiny-imagenet" ->
          TinyImageNet.open(required(name, dataDir), part, options.sizeOr(TinyImageNet.SIDE));
      default -> ImageFolder.open(required(name, dataDir), part, options.sizeOr(FOLDER_SIDE));
    };
  }

  private static Dataset cifar(
      Cifar.Kind kind, String name, Optional<Path> dataDir, Part part, Options options) {
    if (options.sizeOr(CifarFile.SIDE) != CifarFile.SIDE) {
      throw new InputException(name + " has images of 32 pixels, not " + options.imageSize());
    }
    return Cifar.open(kind, required(name, dataDir), part);
  }

  private static Path required(String name, Optional<Path> dataDir) {
    return dataDir.orElseThrow(
        () ->
            new InputException(
                "%s needs --data-dir: %s"
                    .formatted(
                        name,
                        name.equals("folder")
                            ? "the folder of your images"
                            : "the folder that `realign data fetch " + name + "` filled")));
  }
}

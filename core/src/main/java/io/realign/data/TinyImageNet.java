package io.realign.data;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tiny-ImageNet in its official layout: {@code tiny-imagenet-200/{wnids.txt, words.txt,
 * train/WNID/images/*.JPEG, val/images/*.JPEG, val/val_annotations.txt}}, 64×64.
 *
 * <p>The labels of its own test images are not published, so {@code val} is the test part, as is
 * usual. Classes without images are left out, in a note; labels follow wnids.txt.
 */
public final class TinyImageNet {

  /** The height and width of its images, in pixels. */
  public static final int SIDE = 64;

  private static final String FOLDER = "tiny-imagenet-200";
  private static final int USUAL_CLASSES = 200;

  private TinyImageNet() {}

  /**
   * Lists a part; images are decoded when asked for.
   *
   * @param dataDir the folder that holds {@code tiny-imagenet-200}
   * @param part {@link Part#TRAIN} or {@link Part#TEST}
   * @param side the height and width to bring the images to, in pixels; 64 leaves them as they are
   * @throws InputException naming the file or folder that is missing or wrong
   */
  public static Dataset open(Path dataDir, Part part, int side) {
    return open(dataDir, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path dataDir, Part part, int side, Flaws flaws) {
    if (part == Part.VAL) {
      throw new IllegalArgumentException(
          "tiny-imagenet's val is its test part: split validation off train");
    }
    Path root = dataDir.resolve(FOLDER);
    if (!Files.isDirectory(root)) {
      throw new InputException(
          ("no folder %s in %s: expected DATA_DIR/%s/{wnids.txt,words.txt,train,val},"
                  + " which `realign data fetch tiny-imagenet` brings")
              .formatted(FOLDER, dataDir, FOLDER));
    }
    Map<String, String> annotations = annotations(root.resolve("val/val_annotations.txt"));
    List<String> present =
        lines(root.resolve("wnids.txt")).stream()
            .filter(id -> annotations.containsValue(id) || Files.isDirectory(train(root, id)))
            .toList();
    if (present.isEmpty()) {
      throw new InputException("no images of a class of wnids.txt in " + root);
    }
    List<String> notes = new ArrayList<>();
    if (present.size() != USUAL_CLASSES) {
      notes.add(
          "tiny-imagenet: %d classes instead of the usual %d"
              .formatted(present.size(), USUAL_CLASSES));
    }
    List<ImageFiles.Entry> entries =
        part == Part.TRAIN
            ? training(root, present)
            : validation(root, present, annotations, flaws);
    if (entries.isEmpty() && flaws.refused().isEmpty()) {
      throw new InputException(
          "no images in " + root.resolve(part == Part.TRAIN ? "train/WNID/images" : "val/images"));
    }
    int usual = (part == Part.TRAIN ? 500 : 50) * present.size();
    if (entries.size() != usual) {
      notes.add(
          String.format(
              Locale.ROOT,
              "tiny-imagenet %s: %,d images instead of the usual %,d for its classes",
              part.word(),
              entries.size(),
              usual));
    }
    return new ImageFiles(
        "tiny-imagenet", names(root.resolve("words.txt"), present), entries, side, notes);
  }

  private static Path train(Path root, String id) {
    return root.resolve("train").resolve(id).resolve("images");
  }

  private static List<ImageFiles.Entry> training(Path root, List<String> present) {
    List<ImageFiles.Entry> entries = new ArrayList<>();
    for (int label = 0; label < present.size(); label++) {
      Path folder = train(root, present.get(label));
      if (Files.isDirectory(folder)) {
        for (Path file : ImageFiles.images(folder)) {
          entries.add(new ImageFiles.Entry(file, label));
        }
      }
    }
    return entries;
  }

  private static List<ImageFiles.Entry> validation(
      Path root, List<String> present, Map<String, String> annotations, Flaws flaws) {
    List<ImageFiles.Entry> entries = new ArrayList<>();
    annotations.forEach(
        (name, id) -> {
          Path file = root.resolve("val/images").resolve(name);
          flaws.read(() -> entry(file, id, present)).ifPresent(entries::add);
        });
    entries.sort(
        (a, b) ->
            NaturalOrder.INSTANCE.compare(
                ImageFiles.fileName(a.file()), ImageFiles.fileName(b.file())));
    return entries;
  }

  private static ImageFiles.Entry entry(Path file, String id, List<String> present) {
    int label = present.indexOf(id);
    if (label < 0) {
      throw new InputException(
          "%s is of class %s in val_annotations.txt, which wnids.txt lacks".formatted(file, id));
    }
    if (!Files.exists(file)) {
      throw new InputException("val_annotations.txt lists " + file + ", which is missing");
    }
    return new ImageFiles.Entry(file, label);
  }

  /** File name to class, in the order of the file. */
  private static Map<String, String> annotations(Path file) {
    Map<String, String> annotations = new LinkedHashMap<>();
    if (Files.exists(file)) {
      for (String line : lines(file)) {
        List<String> fields = Arrays.asList(line.split("\t", -1));
        if (fields.size() < 2) {
          throw new InputException(file + ": '" + line + "' is not 'FILE<tab>WNID<tab>...'");
        }
        annotations.put(fields.get(0), fields.get(1));
      }
    }
    return annotations;
  }

  /** The first of the words of each class, or its id. */
  private static List<String> names(Path file, List<String> present) {
    Map<String, String> words = new HashMap<>();
    if (Files.exists(file)) {
      for (String line : lines(file)) {
        int tab = line.indexOf('\t');
        if (tab > 0) {
          words.put(line.substring(0, tab), line.substring(tab + 1).replaceFirst(",.*", ""));
        }
      }
    }
    return present.stream().map(id -> words.getOrDefault(id, id)).toList();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e, e);
    }
  }
}

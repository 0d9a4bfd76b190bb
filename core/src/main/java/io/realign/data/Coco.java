package io.realign.data;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Boxes in COCO's JSON. Annotations are {@code annotations/PART.json} or, as COCO names them,
 * {@code annotations/instances_PART2017.json}, for the parts {@code train}, {@code val} and {@code
 * test}; without a {@code test} the {@code val} part is tested on. A single file, {@code
 * annotations.json} or the only one in {@code annotations/}, is split: a tenth, drawn by seed, is
 * the test part. Images are in {@code images/}, {@code images/PART/}, {@code PART/}, {@code
 * PART2017/} or the folder itself.
 *
 * <p>Categories become classes in the order of their ids. Crowds are difficult objects. What is
 * wrong in the file is told by id: a box beyond the image is cut, one that covers nothing left out,
 * each with a note; an unknown image or category refused. Images without objects stay.
 */
public final class Coco {

  private static final double TEST_FRACTION = 0.1;
  private static final Seed TEST_SEED = Seed.of(0); // no run may train on another's test images
  private static final List<String> NAMES =
      List.of("instances_%s2017.json", "instances_%s2014.json", "instances_%s.json", "%s.json");

  private Coco() {}

  /** Whether there are annotations of its own for a part, or those that it is tested on instead. */
  static boolean has(Path root, Part part) {
    return switch (part) {
      case TRAIN -> own(root, part).isPresent();
      case VAL -> hasVal(root);
      case TEST -> own(root, part).or(() -> own(root, Part.VAL)).isPresent();
    };
  }

  /** Whether there are annotations for a part of its own that {@code val} is not tested on. */
  static boolean hasVal(Path root) {
    return own(root, Part.VAL).isPresent() && own(root, Part.TEST).isPresent();
  }

  /**
   * Lists a part; annotations are read here, images when asked for.
   *
   * @param root the folder of images and annotations
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException naming what is missing or wrong
   */
  public static Dataset open(Path root, Part part, int side) {
    return open(root, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path root, Part part, int side, Flaws flaws) {
    Optional<Path> own = own(root, part);
    if (own.isEmpty() && part == Part.TEST) {
      own = own(root, Part.VAL);
    }
    if (own.isPresent()) {
      Optional<Path> train = own(root, Part.TRAIN);
      return files(root, own.get(), train, side, List.of(), flaws);
    }
    Path single =
        single(root)
            .orElseThrow(
                () ->
                    new InputException(
                        "no annotations of %s in %s: expected DIR/annotations/{train,val,test}.json (or instances_train2017.json) or one DIR/annotations.json, and DIR/images"
                            .formatted(part.word(), root)));
    if (part == Part.VAL) {
      throw new IllegalArgumentException(root + " has no val annotations: split val off train");
    }
    String note = "one annotation file in " + root + ": a tenth of its images is the test part";
    Split split =
        Split.of(
            files(root, single, Optional.empty(), side, List.of(note), flaws),
            TEST_FRACTION,
            TEST_SEED);
    return part == Part.TRAIN ? split.train() : split.val();
  }

  private static Optional<Path> own(Path root, Part part) {
    Path folder = root.resolve("annotations");
    return NAMES.stream()
        .map(name -> folder.resolve(name.formatted(part.word())))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** The only annotation file, where no part has one of its own. */
  private static Optional<Path> single(Path root) {
    if (Stream.of(Part.values()).anyMatch(part -> own(root, part).isPresent())) {
      return Optional.empty();
    }
    Path file = root.resolve("annotations.json");
    if (Files.isRegularFile(file)) {
      return Optional.of(file);
    }
    Path folder = root.resolve("annotations");
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Path> all =
        ImageFiles.children(folder).stream()
            .filter(each -> ImageFiles.fileName(each).endsWith(".json"))
            .toList();
    return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
  }

  private static Dataset files(
      Path root, Path json, Optional<Path> train, int side, List<String> told, Flaws flaws) {
    CocoAnnotations known = CocoAnnotations.read(json, flaws);
    SortedMap<Long, String> categories = known.categories();
    train
        .filter(other -> !other.equals(json))
        .ifPresent(other -> flaws.check(() -> checkCategories(json, categories, other)));
    List<Long> ids = List.copyOf(categories.keySet());
    known
        .objects()
        .forEach(
            (image, objects) -> {
              if (!known.images().containsKey(image)) {
                for (CocoAnnotations.Entry object : objects) {
                  flaws.refuse(
                      new InputException(
                          "%s: annotation %d is of image %d, which is not listed"
                              .formatted(json, object.id(), image)));
                }
              }
            });
    List<String> names = known.images().values().stream().map(CocoAnnotations.Image::file).toList();
    Path folder = folder(root, json, names, flaws);
    List<AnnotatedFiles.Entry> entries = new ArrayList<>();
    for (Map.Entry<Long, CocoAnnotations.Image> each : known.images().entrySet()) {
      CocoAnnotations.Image image = each.getValue();
      List<Box> boxes = new ArrayList<>();
      for (CocoAnnotations.Entry object : known.objects().getOrDefault(each.getKey(), List.of())) {
        int label = ids.indexOf(object.category());
        if (label < 0) {
          flaws.refuse(
              new InputException(
                  "%s: annotation %d is of category %d, which is not listed"
                      .formatted(json, object.id(), object.category())));
        } else {
          box(json, object, label, image, flaws).ifPresent(boxes::add);
        }
      }
      Optional<AnnotatedFiles.Size> size =
          image.width() > 0 && image.height() > 0
              ? Optional.of(new AnnotatedFiles.Size(image.width(), image.height()))
              : Optional.empty();
      flaws
          .read(() -> file(json, folder, each.getKey(), image.file()))
          .map(file -> new AnnotatedFiles.Entry(file, Optional.empty(), boxes, size))
          .ifPresent(entries::add);
    }
    List<String> notes = new ArrayList<>(told);
    notes.addAll(flaws.notes(ImageFiles.fileName(json)));
    List<String> classes = List.copyOf(categories.values());
    return AnnotatedFiles.ofBoxes("coco", classes, entries, side, notes);
  }

  private static void checkCategories(Path json, SortedMap<Long, String> own, Path train) {
    if (!CocoAnnotations.categories(train).equals(own)) {
      throw new InputException(
          "%s has other categories than %s".formatted(json, train.getFileName()));
    }
  }

  private static Optional<Box> box(
      Path json,
      CocoAnnotations.Entry object,
      int label,
      CocoAnnotations.Image image,
      Flaws flaws) {
    double right = object.left() + object.width();
    double bottom = object.top() + object.height();
    double frameRight = image.width() > 0 ? image.width() : right;
    double frameBottom = image.height() > 0 ? image.height() : bottom;
    double left = Math.max(0, object.left());
    double top = Math.max(0, object.top());
    double cutRight = Math.min(right, frameRight);
    double cutBottom = Math.min(bottom, frameBottom);
    if (left >= cutRight || top >= cutBottom) {
      flaws.repaired(json, "annotation " + object.id() + " covers nothing, left out");
      return Optional.empty();
    }
    double moved =
        Math.max(
            Math.max(left - object.left(), top - object.top()),
            Math.max(right - cutRight, bottom - cutBottom));
    if (moved >= 1) { // COCO's own boxes reach hundredths of a pixel beyond
      flaws.repaired(json, "annotation " + object.id() + " reaches beyond the image, cut");
    }
    return Optional.of(
        new Box(
            label, (float) left, (float) top, (float) cutRight, (float) cutBottom, object.crowd()));
  }

  /** The first folder that holds the first image, or one that holds another. */
  private static Path folder(Path root, Path json, List<String> names, Flaws flaws) {
    String part =
        ImageFiles.fileName(json).replaceFirst("\\.json$", "").replaceFirst("^instances_", "");
    String word = part.replaceFirst("20\\d\\d$", "");
    Path images = root.resolve("images");
    List<Path> folders =
        List.of(
            images.resolve(part),
            images.resolve(word),
            images,
            root.resolve(part),
            root.resolve(word),
            root);
    Optional<Path> found = holding(folders, names.getFirst());
    if (found.isPresent()) {
      return found.get();
    }
    InputException missing =
        new InputException(
            "%s: its first image %s is in none of images/%s, images/%s, images, %s, %s of %s"
                .formatted(json, names.getFirst(), part, word, part, word, root));
    flaws.refuse(missing);
    return names.stream()
        .flatMap(name -> holding(folders, name).stream())
        .findFirst()
        .orElseThrow(() -> missing);
  }

  private static Optional<Path> holding(List<Path> folders, String name) {
    return folders.stream().filter(folder -> Files.isRegularFile(folder.resolve(name))).findFirst();
  }

  private static Path file(Path json, Path folder, long id, String name) {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder.normalize())) {
      throw new InputException(
          "%s: image %d: file_name '%s' leaves the folder of the images".formatted(json, id, name));
    }
    return file;
  }
}

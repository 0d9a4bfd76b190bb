package io.realign.data;

import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A user's own images with boxes as PASCAL VOC writes them and labelImg leaves them: {@code
 * DIR/JPEGImages} or {@code DIR/images}, of any format that is read, and {@code DIR/Annotations} or
 * {@code DIR/annotations} with an XML an image, which has the image's name or gives it as its
 * {@code filename}.
 *
 * <p>Classes are those of {@code DIR/classes.txt}, a name a line, else all that the annotations
 * name, by code points, which a note tells. Parts are the lists {@code
 * DIR/ImageSets/Main/{train,val,test}.txt}: without a {@code test} the {@code val} part is tested
 * on, without a {@code train} {@code trainval} is trained on. Without lists a tenth, drawn by seed,
 * is the test part; images without an annotation are then left out with a note, as nobody knows
 * whether they show objects.
 *
 * <p>What is wrong in an annotation is told by file: a box beyond the image is cut or left out with
 * a note, an unknown class refused. Images without objects stay.
 */
public final class VocFolder {

  private static final double TEST_FRACTION = 0.1;
  private static final Seed TEST_SEED = Seed.of(0); // no run may train on another's test images
  private static final String NAME = "voc-folder";
  private static final String ENDING = ".xml";
  private static final String TRAINVAL = "trainval";
  private static final String SHOWS = "\\s+-?[01]$"; // lists of one class say whether it does
  private static final int CLASSES_TOLD = 30;

  private final Path root;
  private final FolderTree annotations;
  private final FolderTree images;
  private final int side;
  private final Flaws flaws;

  private VocFolder(Path root, int side, Flaws flaws) {
    this.root = root;
    this.side = side;
    this.flaws = flaws;
    this.annotations =
        FolderTree.of(
            folder(root, "Annotations", "annotations"),
            name -> name.toLowerCase(Locale.ROOT).endsWith(ENDING));
    this.images = FolderTree.ofImages(folder(root, "JPEGImages", "images"));
    if (annotations.files().isEmpty()) {
      throw new InputException("no annotations (" + ENDING + ") in " + annotations.root());
    }
  }

  private static Path folder(Path root, String... names) {
    return Stream.of(names)
        .map(root::resolve)
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "no folder %s in %s: expected DIR/{JPEGImages or images}, DIR/Annotations/*.xml and, if wanted, DIR/classes.txt and DIR/ImageSets/Main/{train,val,test}.txt"
                        .formatted(String.join(" or ", names), root)));
  }

  /** Whether there is a list of its own for a part, or one that it is tested on instead. */
  static boolean has(Path root, Part part) {
    return part == Part.VAL ? hasVal(root) : list(root, part).isPresent();
  }

  /** Whether there is a list for a part of its own that {@code val} is not tested on. */
  static boolean hasVal(Path root) {
    return list(root, Part.VAL.word()).isPresent()
        && list(root, Part.TEST.word()).isPresent()
        && (list(root, Part.TRAIN.word()).isPresent() || list(root, TRAINVAL).isEmpty());
  }

  /**
   * Lists a part; annotations are read here, images when asked for.
   *
   * @param root the folder of images and annotations
   * @param side the height and width to bring the images to, in pixels
   * @throws InputException naming the file or folder that is missing or wrong
   */
  public static Dataset open(Path root, Part part, int side) {
    return open(root, part, side, Flaws.thrown());
  }

  /** As {@link #open(Path, Part, int)}; what is wrong with single files goes to {@code flaws}. */
  static Dataset open(Path root, Part part, int side, Flaws flaws) {
    VocFolder folder = new VocFolder(root, side, flaws);
    Optional<Path> list = list(root, part);
    if (list.isPresent()) {
      return folder.dataset(folder.listed(list.get()), List.of());
    }
    if (Stream.of("train", "val", "test", TRAINVAL).anyMatch(n -> list(root, n).isPresent())) {
      throw new InputException(
          "no list of %s images in %s: expected train.txt or trainval.txt, and test.txt or val.txt"
              .formatted(part.word(), lists(root)));
    }
    if (part == Part.VAL) {
      throw new IllegalArgumentException(root + " has no list of val images: split val off train");
    }
    String note = "no lists in " + lists(root) + ": a tenth of the images is the test part";
    Split split = Split.of(folder.all(note), TEST_FRACTION, TEST_SEED);
    return part == Part.TRAIN ? split.train() : split.val();
  }

  private static Path lists(Path root) {
    return root.resolve("ImageSets").resolve("Main");
  }

  private static Optional<Path> list(Path root, String name) {
    return Optional.of(lists(root).resolve(name + ".txt")).filter(Files::isRegularFile);
  }

  private static Optional<Path> list(Path root, Part part) {
    Optional<Path> own = list(root, part.word());
    boolean tested = list(root, Part.TEST.word()).isPresent(); // else val is, and no part of train
    return switch (part) {
      case TRAIN -> tested && !hasVal(root) ? list(root, TRAINVAL).or(() -> own) : own;
      case VAL -> own;
      case TEST -> own.or(() -> list(root, Part.VAL.word()));
    };
  }

  /** The annotations of a list's images. */
  private List<Path> listed(Path list) {
    Map<String, Path> known = new LinkedHashMap<>();
    annotations.files().forEach(file -> known.put(annotations.id(file), file));
    List<Path> files = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String line : NameList.lines(list)) {
      if (line.isEmpty()) {
        continue;
      }
      String id = known.containsKey(line) ? line : line.replaceFirst(SHOWS, "");
      if (!seen.add(id)) {
        flaws.refuse(new InputException("%s names %s twice".formatted(list, id)));
      } else if (known.containsKey(id)) {
        files.add(known.get(id));
      } else {
        flaws.refuse(
            new InputException(
                "%s names %s, but there is no %s%s in %s"
                    .formatted(list, id, id, ENDING, annotations.root())));
      }
    }
    if (seen.isEmpty()) {
      throw new InputException(list + " names no image");
    }
    return files;
  }

  /** All that have an annotation. */
  private Dataset all(String note) {
    List<String> notes = new ArrayList<>(List.of(note));
    int left = images.files().size() - annotations.files().size();
    if (left > 0) {
      notes.add("%s: images without an annotation are left out: %d".formatted(images.root(), left));
    }
    return dataset(annotations.files(), notes);
  }

  private Dataset dataset(List<Path> files, List<String> told) {
    List<String> notes = new ArrayList<>(told);
    List<String> classes = classes(notes);
    Map<String, List<Path>> known = new LinkedHashMap<>();
    for (Path image : images.files()) {
      known.computeIfAbsent(images.id(image), id -> new ArrayList<>()).add(image);
    }
    List<AnnotatedFiles.Entry> entries = new ArrayList<>();
    Set<Path> used = new HashSet<>();
    for (Path file : files) {
      flaws.read(() -> entry(file, classes, known, used)).ifPresent(entries::add);
    }
    for (FolderTree tree : List.of(images, annotations)) {
      FolderTree.passedOver(tree.root().toString(), List.of(tree)).ifPresent(notes::add);
    }
    notes.addAll(flaws.notes(NAME));
    return AnnotatedFiles.ofBoxes(NAME, classes, entries, side, notes);
  }

  private AnnotatedFiles.Entry entry(
      Path file, List<String> classes, Map<String, List<Path>> known, Set<Path> used) {
    VocAnnotation annotation = VocAnnotation.read(file, classes, flaws);
    Path image = image(file, annotation.imageName(), known);
    if (!used.add(image)) {
      throw new InputException("%s: its image %s has another annotation".formatted(file, image));
    }
    return new AnnotatedFiles.Entry(image, Optional.empty(), annotation.boxes(), annotation.size());
  }

  /** The same for every part. */
  private List<String> classes(List<String> notes) {
    Path list = root.resolve(NameList.CLASSES);
    if (Files.isRegularFile(list)) {
      return NameList.read(list);
    }
    Set<String> names = new TreeSet<>();
    for (Path file : annotations.files()) {
      flaws.read(() -> VocAnnotation.classes(file)).ifPresent(names::addAll);
    }
    if (names.isEmpty()) {
      throw new InputException(
          "no objects in the annotations of %s: their classes could be listed in %s"
              .formatted(annotations.root(), list));
    }
    List<String> classes = NameList.sorted(names);
    notes.add(
        "no file %s: classes are what the annotations name, in this order: %s%s"
            .formatted(
                list,
                String.join(", ", classes.stream().limit(CLASSES_TOLD).toList()),
                classes.size() > CLASSES_TOLD ? " and others" : ""));
    return classes;
  }

  /** The image of the annotation's name, else the one that it gives, in the same folder. */
  private Path image(Path file, Optional<String> given, Map<String, List<Path>> known) {
    String id = annotations.id(file);
    String folder = id.substring(0, id.lastIndexOf('/') + 1);
    String name = given.map(text -> text.replaceFirst(".*[/\\\\]", "")).orElse("");
    List<Path> found = known.getOrDefault(id, List.of());
    if (found.isEmpty()) {
      boolean whole = ImageFormat.isImageName(name);
      found =
          known.getOrDefault(folder + (whole ? ImageFiles.stem(name) : name), List.of()).stream()
              .filter(image -> !whole || ImageFiles.fileName(image).equalsIgnoreCase(name))
              .toList();
    } else if (found.size() > 1) {
      List<Path> exact =
          found.stream().filter(image -> ImageFiles.fileName(image).equals(name)).toList();
      found = exact.isEmpty() ? found : exact;
    }
    if (found.isEmpty()) {
      throw new InputException(
          "%s: no image %s%s (%s) in %s"
              .formatted(
                  file,
                  id,
                  name.isEmpty() ? "" : " or " + folder + name,
                  ImageFormat.allEndings(),
                  images.root()));
    }
    if (found.size() > 1) {
      throw new InputException("%s: which image is meant? There are %s".formatted(file, found));
    }
    return found.getFirst();
  }
}

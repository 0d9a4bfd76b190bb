package io.realign.data;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * CIFAR-10 and CIFAR-100 in their official binary layout: 32×32 images held as read, 3,072 bytes
 * each.
 *
 * <p>Files of whole records that are fewer than usual are accepted and noted, as are missing
 * training files when one is there.
 */
public final class Cifar implements Dataset {

  /** Which of the two. */
  @SuppressWarnings("ImmutableEnumChecker") // its lists and its array are never written
  public enum Kind {
    /** Ten classes; {@code cifar-10-batches-bin/data_batch_1..5.bin, test_batch.bin}. */
    CIFAR10(
        "cifar10",
        "cifar-10-batches-bin",
        List.of(
            "data_batch_1.bin",
            "data_batch_2.bin",
            "data_batch_3.bin",
            "data_batch_4.bin",
            "data_batch_5.bin"),
        "test_batch.bin",
        "batches.meta.txt",
        10_000,
        10),
    /** A hundred classes (the fine labels); {@code cifar-100-binary/train.bin, test.bin}. */
    CIFAR100(
        "cifar100",
        "cifar-100-binary",
        List.of("train.bin"),
        "test.bin",
        "fine_label_names.txt",
        50_000,
        20,
        100);

    private final String word;
    private final String folder;
    private final List<String> train;
    private final String test;
    private final String names;
    private final int perTrainFile;
    private final int[] limits; // values of each label byte; the last is the class

    Kind(
        String word,
        String folder,
        List<String> train,
        String test,
        String names,
        int perTrainFile,
        int... limits) {
      this.word = word;
      this.folder = folder;
      this.train = train;
      this.test = test;
      this.names = names;
      this.perTrainFile = perTrainFile;
      this.limits = limits;
    }

    private int classes() {
      return limits[limits.length - 1];
    }

    private List<String> files(Part part) {
      return part == Part.TRAIN ? train : List.of(test);
    }

    private int usual(Part part) {
      return part == Part.TRAIN ? train.size() * perTrainFile : 10_000;
    }
  }

  private static final List<String> CIFAR10_CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private final Kind kind;
  private final List<CifarFile> files;
  private final List<String> classes;
  private final List<String> notes;
  private final int size;

  private Cifar(Kind kind, List<CifarFile> files, List<String> classes, List<String> notes) {
    this.kind = kind;
    this.files = List.copyOf(files);
    this.classes = classes;
    this.notes = List.copyOf(notes);
    this.size = files.stream().mapToInt(CifarFile::records).sum();
  }

  /**
   * Reads a part.
   *
   * @param dataDir the folder that holds {@code cifar-10-batches-bin} or {@code cifar-100-binary}
   * @param part {@link Part#TRAIN} or {@link Part#TEST}; {@link Split} takes validation data from
   *     the former
   * @throws InputException naming the file, for what is missing, cut off or no CIFAR file
   */
  public static Cifar open(Kind kind, Path dataDir, Part part) {
    return open(kind, dataDir, part, Flaws.thrown());
  }

  /** As {@link #open(Kind, Path, Part)}; what is wrong with single files goes to {@code flaws}. */
  static Cifar open(Kind kind, Path dataDir, Part part, Flaws flaws) {
    if (part == Part.VAL) {
      throw new IllegalArgumentException(kind.word + " has no val files: split them off train");
    }
    Path folder = folder(kind, dataDir);
    List<CifarFile> files = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String name : kind.files(part)) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        flaws.read(() -> CifarFile.read(file, kind.limits)).ifPresent(files::add);
      } else {
        missing.add(name);
      }
    }
    if (missing.size() == kind.files(part).size()) {
      throw new InputException(
          "%s holds none of %s%s"
              .formatted(folder, String.join(", ", kind.files(part)), advice(kind)));
    }
    List<String> notes = new ArrayList<>();
    List<String> classes = classes(kind, folder, notes);
    int records = files.stream().mapToInt(CifarFile::records).sum();
    if (records != kind.usual(part)) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s %s: %,d images instead of the usual %,d%s",
              kind.word,
              part.word(),
              records,
              kind.usual(part),
              missing.isEmpty() ? "" : " (no " + String.join(", ", missing) + ")"));
    }
    return new Cifar(kind, files, classes, notes);
  }

  private static Path folder(Kind kind, Path dataDir) {
    if (!Files.isDirectory(dataDir)) {
      throw new InputException("no data folder at " + dataDir + advice(kind));
    }
    Path folder = dataDir.resolve(kind.folder);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    if (dataDir.endsWith(kind.folder)) {
      throw new InputException(
          "%s is the folder of %s itself: give the folder that holds it"
              .formatted(dataDir, kind.word));
    }
    throw new InputException("no folder " + kind.folder + " in " + dataDir + advice(kind));
  }

  private static String advice(Kind kind) {
    return ": expected DATA_DIR/%s/{%s,%s} (the binary version), which `realign data fetch %s` brings"
        .formatted(kind.folder, String.join(",", kind.train), kind.test, kind.word);
  }

  private static List<String> classes(Kind kind, Path folder, List<String> notes) {
    Path file = folder.resolve(kind.names);
    if (!Files.exists(file)) {
      if (kind == Kind.CIFAR10) {
        return CIFAR10_CLASSES;
      }
      notes.add("no " + kind.names + " in " + folder + ": classes are named by number");
      return IntStream.range(0, kind.classes()).mapToObj(i -> "class " + i).toList();
    }
    List<String> names;
    try {
      names =
          Files.readAllLines(file).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e, e);
    }
    if (names.size() != kind.classes()) {
      throw new InputException(
          "%s names %d classes, expected %d".formatted(file, names.size(), kind.classes()));
    }
    return names;
  }

  @Override
  public String name() {
    return kind.word;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int imageSize() {
    return CifarFile.SIDE;
  }

  @Override
  public Sample get(int index) {
    int record = Objects.checkIndex(index, size);
    int file = 0;
    while (record >= files.get(file).records()) {
      record -= files.get(file++).records();
    }
    return files.get(file).sample(record);
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public boolean inMemory() {
    return true;
  }
}

package io.realign.io;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** The data sets and weights that can be fetched by name, each from its official address. */
public final class Catalog {

  private static final String TORONTO = "https://www.cs.toronto.edu/~kriz/";
  private static final String VOC = "http://host.robots.ox.ac.uk/pascal/VOC/";
  private static final String TORCH = "https://download.pytorch.org/models/";

  private final SequencedMap<String, Item> items = new LinkedHashMap<>();
  private final Download download;

  /**
   * Something to fetch.
   *
   * @param name its name on the command line
   * @param file where it comes from
   * @param more further archives that fill the same folder
   * @param path where it ends up below the data folder: a folder, or a file
   * @param archive whether the file is an archive that holds the folder of that name
   * @param parts files below the folder, with their sizes in bytes (−1: any), that make it complete
   */
  public record Item(
      String name,
      RemoteFile file,
      List<RemoteFile> more,
      String path,
      boolean archive,
      Map<String, Long> parts) {

    /** From one file. */
    public Item(
        String name, RemoteFile file, String path, boolean archive, Map<String, Long> parts) {
      this(name, file, List.of(), path, archive, parts);
    }

    private List<RemoteFile> files() {
      return Stream.concat(Stream.of(file), more.stream()).toList();
    }
  }

  /**
   * The outcome of a fetch.
   *
   * @param path the folder or file, now complete
   * @param wasThere whether it had been complete before, so that nothing was done
   */
  public record Fetched(Path path, boolean wasThere) {}

  /** A catalogue of other items. */
  public Catalog(List<Item> items, Download download) {
    items.forEach(item -> this.items.put(item.name(), item));
    this.download = download;
  }

  /** Data sets and VGG's weights, each from its official address. */
  public static Catalog official() {
    Map<String, Long> cifar10 = new LinkedHashMap<>();
    for (int i = 1; i <= 5; i++) {
      cifar10.put("data_batch_" + i + ".bin", 30_730_000L);
    }
    cifar10.put("test_batch.bin", 30_730_000L);
    return new Catalog(
        List.of(
            archive(
                "cifar10",
                TORONTO + "cifar-10-binary.tar.gz",
                "c32a1d4ab5d03f1284b67883e8d87530",
                "cifar-10-batches-bin",
                cifar10),
            archive(
                "cifar100",
                TORONTO + "cifar-100-binary.tar.gz",
                "03b5dce01913d631647c71ecec9e9cb8",
                "cifar-100-binary",
                Map.of("train.bin", 153_700_000L, "test.bin", 30_740_000L)),
            archive(
                "tiny-imagenet",
                "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
                "90528d7ca1a48142e341f4ef8d21d0de",
                "tiny-imagenet-200",
                Map.of("wnids.txt", -1L, "words.txt", -1L, "val/val_annotations.txt", -1L)),
            new Item(
                "voc2012",
                remote(
                    VOC + "voc2012/VOCtrainval_11-May-2012.tar",
                    "6cd6e144f989b92b3379bac3b3de84fd"),
                "VOCdevkit/VOC2012",
                true,
                Map.of("ImageSets/Main/train.txt", -1L, "ImageSets/Segmentation/val.txt", -1L)),
            new Item(
                "voc2007",
                remote(
                    VOC + "voc2007/VOCtrainval_06-Nov-2007.tar",
                    "c52e279531787c972589f7e41ab4ae64"),
                List.of(
                    remote(
                        VOC + "voc2007/VOCtest_06-Nov-2007.tar",
                        "b6e924de25625d8de591ea690078ad9f")),
                "VOCdevkit/VOC2007",
                true,
                Map.of("ImageSets/Main/trainval.txt", -1L, "ImageSets/Main/test.txt", -1L)),
            weights("vgg16", "vgg16-397923af.pth", "397923af"),
            weights("vgg19", "vgg19-dcbb9e9d.pth", "dcbb9e9d")),
        Download.standard());
  }

  private static Item archive(
      String name, String address, String md5, String folder, Map<String, Long> parts) {
    return new Item(name, remote(address, md5), folder, true, parts);
  }

  private static RemoteFile remote(String address, String md5) {
    String file = address.substring(address.lastIndexOf('/') + 1);
    return new RemoteFile(file, URI.create(address), Checksum.md5(md5));
  }

  private static Item weights(String name, String file, String sha256) {
    RemoteFile remote = new RemoteFile(file, URI.create(TORCH + file), Checksum.sha256(sha256));
    return new Item(name, remote, "weights/" + file, false, Map.of());
  }

  /** The names, in order. */
  public List<String> names() {
    return List.copyOf(items.keySet());
  }

  /**
   * What a name stands for.
   *
   * @throws InputException for a name that is not in the catalogue
   */
  public Item item(String name) {
    Item item = items.get(name);
    if (item == null) {
      throw new InputException(
          "unknown data '" + name + "': one of " + String.join(", ", items.keySet()));
    }
    return item;
  }

  /**
   * Downloads, checks and unpacks what {@code name} stands for; does nothing if it is complete. A
   * download that was broken off goes on where it stopped.
   *
   * @param dataDir the data folder, made if need be
   * @throws InputException for an unknown name, or if an incomplete folder is in the way
   * @throws java.io.UncheckedIOException if it cannot be downloaded, or the disk is full
   */
  public Fetched fetch(String name, Path dataDir, Progress progress) {
    Item item = item(name);
    Path goal = dataDir.resolve(item.path());
    if (!item.archive()) {
      boolean there = Files.isRegularFile(goal) && item.file().checksum().matches(goal);
      download.fetch(item.file(), goal, progress);
      return new Fetched(goal, there);
    }
    if (Files.exists(goal)) {
      List<String> lacking = lacking(item, goal);
      if (lacking.isEmpty()) {
        return new Fetched(goal, true);
      }
      throw new InputException(
          goal + " is there but incomplete (" + lacking.getFirst() + "); move it away first");
    }
    List<Path> archives = new ArrayList<>();
    for (RemoteFile file : item.files()) {
      Path archive = dataDir.resolve(file.name());
      download.fetch(file, archive, progress);
      archives.add(archive);
    }
    unpack(item, archives, goal, progress);
    return new Fetched(goal, false);
  }

  /** Unpacks beside the goal and renames, so that the goal is complete or not there. */
  private static void unpack(Item item, List<Path> archives, Path goal, Progress progress) {
    Path beside = goal.resolveSibling("." + goal.getFileName() + ".unpacking");
    try {
      delete(beside);
      try {
        for (Path archive : archives) {
          Archive.standard().unpack(archive, beside, progress);
        }
        Path unpacked = beside.resolve(item.path());
        List<String> lacking = lacking(item, unpacked);
        if (!lacking.isEmpty()) {
          throw new InputException(
              archives.getLast()
                  + " does not hold a complete "
                  + item.path()
                  + ": "
                  + lacking.getFirst());
        }
        Files.move(unpacked, goal);
        for (Path archive : archives) {
          Files.delete(archive);
        }
      } finally {
        delete(beside);
      }
    } catch (IOException e) {
      throw Failures.writing(goal, e);
    }
  }

  private static List<String> lacking(Item item, Path folder) {
    List<String> lacking = new ArrayList<>();
    item.parts()
        .forEach(
            (part, size) -> {
              Path file = folder.resolve(part);
              try {
                long found = Files.size(file);
                if (size >= 0 && found != size) {
                  lacking.add("%s has %d bytes instead of %d".formatted(part, found, size));
                }
              } catch (IOException e) {
                lacking.add("no " + part);
              }
            });
    return lacking;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

package io.realign.cli;

import io.realign.io.Catalog;
import io.realign.io.Catalog.Fetched;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.SequencedMap;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign data}: what there is, downloading it, looking at it. */
@Command(
    name = "data",
    description = "Lists, downloads, checks and shows data sets and weights.",
    synopsisSubcommandLabel = "list|fetch|show|check",
    subcommands = {DataShowCommand.class, DataCheckCommand.class})
final class DataCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "data what? list, fetch, show or check");
  }

  private static final SequencedMap<String, String> PURPOSES = new LinkedHashMap<>();

  static {
    PURPOSES.put("scenes", "drawn from a seed, any size from 32² up, 10 classes; no download");
    PURPOSES.put("scenes-single", "those with one object an image for masks and boxes too");
    PURPOSES.put("cifar10", "60,000 photographs, 32², 10 classes; 170 MB");
    PURPOSES.put("cifar100", "60,000 photographs, 32², 100 classes; 169 MB");
    PURPOSES.put("tiny-imagenet", "120,000 photographs, 64², 200 classes; 248 MB");
    PURPOSES.put(
        "voc2012", "11,540 photographs with boxes, 2,913 of them with masks, 20 classes; 2 GB");
    PURPOSES.put(
        "voc2007", "9,963 photographs with boxes, 632 of them with masks, 20 classes; 910 MB");
    PURPOSES.put("voc0712", "the training images of both, tested on those of 2007");
    PURPOSES.put(
        "camvid", "701 street scenes with masks, 11 classes; bring CamVid/{train,val,test}.txt");
    PURPOSES.put("cityscapes", "3,475 street scenes with masks, 19 classes; ask its site for them");
    PURPOSES.put("folder", "your own: train/CLASS/*.png, test/CLASS/*.png and so on");
    PURPOSES.put("coco", "your own, or COCO's, with boxes: annotations/*.json, images/");
    PURPOSES.put("voc-folder", "your own with boxes: Annotations/*.xml, JPEGImages/ or images/");
    PURPOSES.put("mask-folder", "your own with masks: classes.txt, train/{images,masks} and so on");
    PURPOSES.put("vgg16", "weights for the perceptual loss of the paper; 553 MB");
    PURPOSES.put("vgg19", "weights for the perceptual loss of the release; 575 MB");
  }

  @Command(name = "list", description = "Lists what there is, and where it comes from.")
  void list() {
    PrintWriter out = spec.commandLine().getOut();
    Catalog catalog = Catalog.official();
    Set<String> names = new LinkedHashSet<>(PURPOSES.keySet());
    names.addAll(catalog.names());
    for (String name : names) {
      out.printf("%-15s%s%n", name, PURPOSES.getOrDefault(name, ""));
      if (catalog.names().contains(name)) {
        Catalog.Item item = catalog.item(name);
        out.printf("%-15s%s from %s%n", "", item.path(), item.file().address());
      }
    }
  }

  @Command(
      name = "fetch",
      description = "Downloads a data set or weights; goes on where a broken download stopped.",
      footer = {"", "Example: realign data fetch cifar10 --data-dir DIR"})
  void fetch(
      @Parameters(paramLabel = "NAME", description = "A name from 'realign data list'.")
          String name,
      @Option(
              names = "--data-dir",
              paramLabel = "DIR",
              defaultValue = "data",
              description = "The folder that holds all data; default: ${DEFAULT-VALUE}.")
          Path dataDir) {
    try (ProgressLine progress = new ProgressLine(spec.commandLine().getErr())) {
      Fetched fetched = Catalog.official().fetch(name, dataDir, progress);
      progress.close();
      spec.commandLine()
          .getOut()
          .println(fetched.path() + (fetched.wasThere() ? " is there already" : " is ready"));
    }
  }
}

package io.realign.cli;

import io.realign.attack.Attack;
import io.realign.attack.Bim;
import io.realign.attack.DetectorStep;
import io.realign.attack.Margin;
import io.realign.attack.Norm;
import io.realign.attack.Pgd;
import io.realign.attack.PgdKl;
import io.realign.attack.PixelPgd;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.io.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a quickstart trains and attacks. */
enum QuickstartKind {
  /** One class an image; the generator's encoder can start from the target's weights. */
  CLASSIFICATION(
      Labelling.CLASSES,
      "cifar-resnet8",
      32,
      32,
      .08, // a higher rate makes it sturdy by itself: scenes are easy
      List.of(Pgd.standard(), PgdKl.standard(), Margin.standard())),
  /** A class for each pixel. */
  SEGMENTATION(
      Labelling.MASKS,
      "deeplabv3-compact",
      32,
      32,
      .1,
      List.of(
          new Bim(Norm.LINF, .03, .01, 4, 1, 1), PixelPgd.standard(PixelPgd.Kind.JENSEN_SHANNON))),
  /** Boxes with classes. */
  DETECTION(
      Labelling.BOXES,
      "ssd-compact-64",
      64,
      32,
      .05,
      List.of(
          DetectorStep.standard(DetectorStep.Part.BOTH),
          DetectorStep.standard(DetectorStep.Part.CLASSIFICATION),
          DetectorStep.standard(DetectorStep.Part.LOCALISATION)));

  private final Labelling labelling;
  private final String architecture;
  private final int side;
  private final int batch;
  private final double learningRate;
  private final List<Attack> attacks;

  QuickstartKind(
      Labelling labelling,
      String architecture,
      int side,
      int batch,
      double learningRate,
      List<Attack> attacks) {
    this.labelling = labelling;
    this.architecture = architecture;
    this.side = side;
    this.batch = batch;
    this.learningRate = learningRate;
    this.attacks = attacks;
  }

  /**
   * The one of that word.
   *
   * @throws InputException for another
   */
  static QuickstartKind of(String word) {
    return Arrays.stream(values())
        .filter(kind -> kind.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "unknown task '%s': one of %s"
                        .formatted(
                            word,
                            Arrays.stream(values())
                                .map(QuickstartKind::word)
                                .collect(Collectors.joining(", ")))));
  }

  /** The word on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  Labelling labelling() {
    return labelling;
  }

  /** The kind of target. */
  String architecture() {
    return architecture;
  }

  /** Height and width of the scenes. */
  int side() {
    return side;
  }

  /** Images a core learns the target from in a step. */
  int batch() {
    return batch;
  }

  /**
   * Whether the target sees scenes cut and turned: a net that sees each only a few times learns
   * slower so.
   */
  boolean augmented() {
    return labelling == Labelling.CLASSES;
  }

  /** The target's highest learning rate. */
  double learningRate() {
    return learningRate;
  }

  /** What both nets are tested with. */
  List<Attack> attacks() {
    return attacks;
  }

  /** The scenes, under the name that {@code --data} knows them by. */
  Dataset scenes(Part part) {
    return switch (this) {
      case CLASSIFICATION -> Scenes.standard(side, part);
      case SEGMENTATION -> Scenes.ofMany(side, part);
      case DETECTION -> Scenes.ofOne(side, part);
    };
  }

  /** What fits into the usual time on two cores. */
  Quickstart.Plan whole(long seed) {
    return switch (this) {
      case CLASSIFICATION -> new Quickstart.Plan(this, 8_000, 300, 500, 256, 500, seed);
      case SEGMENTATION -> new Quickstart.Plan(this, 10_000, 300, 800, 384, 300, seed);
      case DETECTION -> new Quickstart.Plan(this, 10_000, 300, 800, 256, 300, seed);
    };
  }
}

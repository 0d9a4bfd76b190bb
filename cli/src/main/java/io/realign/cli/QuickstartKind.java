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
import io.realign.train.DefenseConfig;
import io.realign.train.TrainingAttack;
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
      5e-4,
      List.of(Pgd.standard(), PgdKl.standard(), Margin.standard())),
  /** A class for each pixel. */
  SEGMENTATION(
      Labelling.MASKS,
      "deeplabv3-compact",
      32,
      32,
      .1,
      0, // as the detector's
      List.of(
          new Bim(Norm.LINF, Radius.MASKS, Radius.MASKS / 5, 20, 1, 1),
          new PixelPgd(
              PixelPgd.Kind.JENSEN_SHANNON, Norm.LINF, Radius.MASKS, Radius.MASKS / 5, 20, 1, 1))),
  /** Boxes with classes. */
  DETECTION(
      Labelling.BOXES,
      "ssd-compact-64",
      64,
      32,
      .05,
      0, // weights that decay make it sturdy by itself
      List.of(
          steps(DetectorStep.Part.BOTH),
          steps(DetectorStep.Part.CLASSIFICATION),
          steps(DetectorStep.Part.LOCALISATION)));

  /** Drawn objects outlast what real ones fall to: a wider ball for masks, more steps for both. */
  private static final class Radius {
    static final double MASKS = .04; // .03 in the paper
    static final double BOXES = 8 / 255.0; // as in the paper
  }

  private final Labelling labelling;
  private final String architecture;
  private final int side;
  private final int batch;
  private final double learningRate;
  private final double weightDecay;
  private final List<Attack> attacks;

  QuickstartKind(
      Labelling labelling,
      String architecture,
      int side,
      int batch,
      double learningRate,
      double weightDecay,
      List<Attack> attacks) {
    this.labelling = labelling;
    this.architecture = architecture;
    this.side = side;
    this.batch = batch;
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
    this.attacks = attacks;
  }

  /** Shorter ones than the paper's one, and many. */
  private static Attack steps(DetectorStep.Part part) {
    return new DetectorStep(part, Norm.LINF, Radius.BOXES, Radius.BOXES * 3 / 8, 20, 1, 1);
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

  /** The target's weight decay. */
  double weightDecay() {
    return weightDecay;
  }

  /** What both nets are tested with. */
  List<Attack> attacks() {
    return attacks;
  }

  /** The scenes, under the name that {@code --data} knows them by. */
  Dataset scenes(Part part) {
    return switch (this) {
      case CLASSIFICATION -> Scenes.standard(side, part);
      case SEGMENTATION, DETECTION -> Scenes.ofMany(side, part);
    };
  }

  /** The configuration of the defense's training with the attacks that it learns from here. */
  DefenseConfig trained(DefenseConfig config) {
    return switch (this) {
      case CLASSIFICATION -> config;
      case SEGMENTATION ->
          config.withAttacks(
              List.of(new TrainingAttack("bim", Radius.MASKS, Radius.MASKS / 3, 3, 1)));
      case DETECTION ->
          config.withAttacks(
              List.of(
                  new TrainingAttack("cls", Radius.BOXES, Radius.BOXES / 2, 3, .5),
                  new TrainingAttack("loc", Radius.BOXES, Radius.BOXES / 2, 3, .5)));
    };
  }

  /** About how long all of it takes on two cores. */
  double minutes() {
    return switch (this) {
      case CLASSIFICATION -> 6;
      case SEGMENTATION -> 7;
      case DETECTION -> 8;
    };
  }

  /** How much of that is for the target and the attacks. */
  double otherMinutes() {
    return switch (this) {
      case CLASSIFICATION -> 2.5;
      case SEGMENTATION -> 3.5;
      case DETECTION -> 5.5;
    };
  }

  /** What fits into the usual time on two cores. */
  Quickstart.Plan whole(long seed) {
    return switch (this) {
      case CLASSIFICATION -> new Quickstart.Plan(this, 8_000, 300, 500, 256, 500, seed);
      case SEGMENTATION -> new Quickstart.Plan(this, 10_000, 300, 1_200, 512, 300, seed);
      case DETECTION -> new Quickstart.Plan(this, 10_000, 200, 1_100, 256, 90, seed);
    };
  }
}

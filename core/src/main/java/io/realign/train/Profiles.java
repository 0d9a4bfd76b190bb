package io.realign.train;

import io.realign.align.CompactGenerator;
import io.realign.align.Discriminator;
import io.realign.align.GeneratorConfig;
import io.realign.align.GlobalGenerator;
import io.realign.align.LossPreset;
import io.realign.align.LossWeights;
import io.realign.align.PyramidGenerator;
import io.realign.align.Variant;
import io.realign.attack.Attack;
import io.realign.attack.Bim;
import io.realign.attack.DetectorStep;
import io.realign.attack.Margin;
import io.realign.attack.Pgd;
import io.realign.attack.PgdKl;
import io.realign.data.AffineWarp;
import io.realign.data.Augmentation;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.target.Normalisation;
import io.realign.target.PyramidTrunk;
import io.realign.target.ResidualTrunk;
import io.realign.target.Trunk;
import io.realign.torch.Compute.Precision;
import java.util.List;
import java.util.Optional;

/** The one place that states the sizes and schedules of both profiles. */
public final class Profiles {

  private static final double RANGE = .12; // of a correction
  private static final int PHOTOGRAPH = 128; // pixels; smaller images are drawn scenes
  private static final int DENSE_FILTERS = 24;
  private static final double DENSE_RANGE = .06; // where each place counts: twice what attacks move

  private Profiles() {}

  /**
   * What the user chooses.
   *
   * @param target {@code ARCH@FILE}
   * @param data name of the dataset
   * @param imageSize of the dataset
   * @param classes of the target
   * @param trainingImages images to train on
   * @param perceptualWeights file of VGG's weights; empty for none
   * @param perceptualStages the stages that those weights have
   * @param trunk the target's first layers, if an encoder can start from them
   * @param seed the root of all draws
   * @param precision of the forward passes
   * @param labelling what the target is asked about images
   */
  public record Request(
      String target,
      String data,
      int imageSize,
      int classes,
      int trainingImages,
      Variant variant,
      LossPreset loss,
      String perceptualWeights,
      List<Integer> perceptualStages,
      Optional<Trunk> trunk,
      long seed,
      Precision precision,
      Labelling labelling) {

    /** For a classifier. */
    public Request(
        String target,
        String data,
        int imageSize,
        int classes,
        int trainingImages,
        Variant variant,
        LossPreset loss,
        String perceptualWeights,
        List<Integer> perceptualStages,
        Optional<Trunk> trunk,
        long seed,
        Precision precision) {
      this(
          target,
          data,
          imageSize,
          classes,
          trainingImages,
          variant,
          loss,
          perceptualWeights,
          perceptualStages,
          trunk,
          seed,
          precision,
          Labelling.CLASSES);
    }
  }

  /** A configuration of {@code epochs} passes over the training data. */
  public static DefenseConfig resolve(Profile profile, Request request, double epochs) {
    DefenseConfig config =
        switch (profile) {
          case PUBLISHED -> published(request);
          case SMALL -> small(request);
        };
    return config.withEpochs(epochs, request.trainingImages());
  }

  /**
   * Passes over the training data when the user names none: the published number, or one that two
   * cores manage.
   */
  public static double defaultEpochs(Profile profile) {
    return switch (profile) {
      case PUBLISHED -> 200; // 100 at the full rate, 100 of linear decay
      case SMALL -> 12;
    };
  }

  private static DefenseConfig published(Request r) {
    int batch =
        switch (r.labelling()) {
          case CLASSES -> r.imageSize() <= 32 ? 64 : 16;
          case MASKS -> 1;
          case BOXES -> 4;
        };
    LossWeights weights =
        r.labelling() == Labelling.BOXES
            ? LossWeights.publishedForDetection(r.variant())
            : LossWeights.published();
    return new DefenseConfig(
        r.target(),
        r.data(),
        r.variant(),
        r.loss(),
        Profile.PUBLISHED,
        GlobalGenerator.Config.published(r.imageSize(), publishedSide(r.labelling())),
        Discriminator.Config.published(conditions(r)),
        weights,
        perceptual(r, r.perceptualStages(), 1),
        0,
        new AffineWarp(0, 0, 0),
        publishedAttacks(r.labelling()),
        DefenseConfig.Replay.NONE,
        new DefenseConfig.Optimiser(2e-4, 1, 2e-4, .5, .999, 0, new Schedule(1, 0, .5)),
        batch,
        1,
        1000,
        1,
        r.seed(),
        r.precision());
  }

  /**
   * Of larger images a generator for two cores takes squares: of 48² to 255² images 2², of 300² 4².
   */
  private static int patch(int imageSize) {
    return imageSize < 48 ? 1 : imageSize < 256 ? 2 : 4;
  }

  /** The paper's generators for masks and boxes work at sizes of their own. */
  private static int publishedSide(Labelling labelling) {
    return switch (labelling) {
      case CLASSES -> 0;
      case MASKS -> 512;
      case BOXES -> 256;
    };
  }

  /** Classes that D is told of: the release's D for detection sees the image alone. */
  private static int conditions(Request r) {
    return r.variant().conditional() && r.labelling() != Labelling.BOXES ? r.classes() : 0;
  }

  private static List<TrainingAttack> publishedAttacks(Labelling labelling) {
    return switch (labelling) {
      case CLASSES -> List.of(TrainingAttack.published());
      case MASKS -> List.of(new TrainingAttack("bim", .03, .01, 3, 1));
      case BOXES ->
          List.of(
              new TrainingAttack("cls", 8 / 255.0, 8 / 255.0, 1, .5),
              new TrainingAttack("loc", 8 / 255.0, 8 / 255.0, 1, .5));
    };
  }

  /** What happens to images before G learns from them: all that the papers do, or what is quick. */
  static Augmentation augmentation(Profile profile, Labelling labelling, Dataset images) {
    return switch (profile) {
      case PUBLISHED -> Augmentation.published(labelling, images);
      case SMALL -> Augmentation.of(labelling);
    };
  }

  /** The attacks whose images choose the generator that is kept: the paper's tests. */
  static List<Attack> judges(Labelling labelling) {
    return switch (labelling) {
      case CLASSES -> List.of(PgdKl.standard(), Pgd.standard(), Margin.standard());
      case MASKS -> List.of(Bim.ofMasks());
      case BOXES -> List.of(DetectorStep.standard(DetectorStep.Part.BOTH));
    };
  }

  private static List<TrainingAttack> smallAttacks(Labelling labelling) {
    return switch (labelling) {
      case CLASSES ->
          List.of(
              new TrainingAttack("pgd-kl", .031, .0175, 4, .625),
              new TrainingAttack("pgd", .031, .0075, 8, .375));
      case MASKS, BOXES -> publishedAttacks(labelling);
    };
  }

  /** Images a core. */
  private static int smallBatch(Request r) {
    return switch (r.labelling()) {
      case CLASSES -> 32;
      case MASKS -> photographs(r) ? 2 : r.imageSize() < 64 ? 32 : 8;
      case BOXES -> photographs(r) ? 2 : 16;
    };
  }

  /** The encoder takes the target's own shape where it can start from the target's weights. */
  private static GeneratorConfig smallGenerator(Request r) {
    boolean single = r.labelling() == Labelling.CLASSES;
    double range = single ? RANGE : DENSE_RANGE;
    Normalisation colours = r.trunk().map(Trunk::normalisation).orElse(Normalisation.SYMMETRIC);
    return switch (r.trunk().orElse(null)) {
      case ResidualTrunk body ->
          new CompactGenerator.Config(
              body.width(),
              body.blocksPerStage(),
              1,
              1,
              range,
              colours.mean(),
              colours.deviation());
      case PyramidTrunk body ->
          new PyramidGenerator.Config(
              body.kind(), filters(r), 1, range, colours.mean(), colours.deviation());
      case null ->
          new CompactGenerator.Config(
              single ? 1 : patch(r.imageSize()),
              single ? 16 : DENSE_FILTERS,
              single ? 3 : 2,
              1,
              1,
              range,
              colours.mean(),
              colours.deviation());
    };
  }

  /** Where each place has an answer of its own, a change of clean pixels costs more. */
  private static LossWeights smallWeights(Request r) {
    return switch (r.labelling()) {
      case CLASSES -> new LossWeights(10, .06, .1, .5, 2, 1, .1, .005, .2, 5);
      case MASKS, BOXES ->
          photographs(r)
              ? new LossWeights(200, .06, .1, .5, 4, 10, .1, .005, .2, 5)
              : new LossWeights(50, .06, .1, .5, 2, 4, .1, .005, .2, 5);
    };
  }

  /** Channels where the image is halved: the answer about each pixel wants more of them. */
  private static int filters(Request r) {
    return photographedMasks(r) ? 40 : DENSE_FILTERS;
  }

  /**
   * Batches of few photographs make noisy gradients; more channels bear a lower rate, a longer rise
   * to it and a longer mean.
   */
  private static DefenseConfig.Optimiser smallOptimiser(Request r) {
    double rate = photographedMasks(r) ? 5e-4 : photographs(r) ? 7e-4 : 1e-3;
    return new DefenseConfig.Optimiser(
        rate,
        r.trunk().isPresent() ? .2 : 1,
        2e-4,
        .5,
        .999,
        photographedMasks(r) ? .998 : .995,
        new Schedule(1, photographedMasks(r) ? 300 : 50, .2));
  }

  private static boolean photographedMasks(Request r) {
    return r.labelling() == Labelling.MASKS && photographs(r);
  }

  private static boolean photographs(Request r) {
    return r.labelling() != Labelling.CLASSES && r.imageSize() >= PHOTOGRAPH;
  }

  private static DefenseConfig small(Request r) {
    boolean single = r.labelling() == Labelling.CLASSES;
    return new DefenseConfig(
        r.target(),
        r.data(),
        r.variant(),
        r.loss(),
        Profile.SMALL,
        smallGenerator(r),
        new Discriminator.Config(8, 3, 2, conditions(r)),
        smallWeights(r),
        perceptual(r, r.perceptualStages().stream().filter(stage -> stage <= 2).toList(), 1 / 16.0),
        0,
        single ? new AffineWarp(.5, 15, .1) : new AffineWarp(0, 0, 0),
        smallAttacks(r.labelling()),
        single ? new DefenseConfig.Replay(32, 6) : new DefenseConfig.Replay(32, 4),
        smallOptimiser(r),
        smallBatch(r),
        2,
        single ? 500 : 100,
        1,
        r.seed(),
        r.precision());
  }

  /**
   * The stages with their weights; renormalised so that those present weigh what all five would.
   */
  private static DefenseConfig.Perceptual perceptual(
      Request r, List<Integer> stages, double share) {
    if (r.loss().pixels().isEmpty() || r.perceptualWeights().isEmpty() || stages.isEmpty()) {
      return DefenseConfig.Perceptual.NONE;
    }
    List<Double> five =
        switch (r.variant()) {
          case PAPER -> List.of(1.0, 1.0, 1.0, 1.0, 1.0);
          case RELEASED -> List.of(1 / 32.0, 1 / 16.0, 1 / 8.0, 1 / 4.0, 1.0);
        };
    double all = five.stream().mapToDouble(Double::doubleValue).sum();
    double present = stages.stream().mapToDouble(stage -> five.get(stage - 1)).sum();
    return new DefenseConfig.Perceptual(
        r.perceptualWeights(),
        stages,
        stages.stream().map(stage -> five.get(stage - 1) * all / present).toList(),
        share);
  }
}

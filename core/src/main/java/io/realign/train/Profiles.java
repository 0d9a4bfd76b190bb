package io.realign.train;

import io.realign.align.CompactGenerator;
import io.realign.align.Discriminator;
import io.realign.align.GlobalGenerator;
import io.realign.align.LossPreset;
import io.realign.align.LossWeights;
import io.realign.align.Variant;
import io.realign.data.AffineWarp;
import io.realign.target.Normalisation;
import io.realign.target.ResidualTrunk;
import io.realign.torch.Compute.Precision;
import java.util.List;
import java.util.Optional;

/** The one place that states the sizes and schedules of both profiles. */
public final class Profiles {

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
   * @param trunk the target's convolutions, if an encoder can start from them
   * @param seed the root of all draws
   * @param precision of the forward passes
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
      Optional<ResidualTrunk> trunk,
      long seed,
      Precision precision) {}

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
    int batch = r.imageSize() <= 32 ? 64 : 16;
    return new DefenseConfig(
        r.target(),
        r.data(),
        r.variant(),
        r.loss(),
        Profile.PUBLISHED,
        GlobalGenerator.Config.published(r.imageSize()),
        Discriminator.Config.published(r.variant().conditional() ? r.classes() : 0),
        LossWeights.published(),
        perceptual(r, r.perceptualStages(), 1),
        new AffineWarp(0, 0, 0),
        List.of(TrainingAttack.published()),
        DefenseConfig.Replay.NONE,
        new DefenseConfig.Optimiser(2e-4, 1, 2e-4, .5, .999, 0, new Schedule(1, 0, .5)),
        batch,
        1,
        1000,
        1,
        r.seed(),
        r.precision());
  }

  private static DefenseConfig small(Request r) {
    // the encoder takes the target's own shape where it can start from the target's weights
    Normalisation colours =
        r.trunk().map(ResidualTrunk::normalisation).orElse(Normalisation.SYMMETRIC);
    return new DefenseConfig(
        r.target(),
        r.data(),
        r.variant(),
        r.loss(),
        Profile.SMALL,
        new CompactGenerator.Config(
            r.trunk().map(ResidualTrunk::width).orElse(16),
            r.trunk().map(ResidualTrunk::blocksPerStage).orElse(3),
            1,
            1,
            .12,
            colours.mean(),
            colours.deviation()),
        new Discriminator.Config(8, 3, 2, r.variant().conditional() ? r.classes() : 0),
        new LossWeights(10, .06, .1, .5, 2, 1, .1, .005, .2, 5),
        perceptual(r, r.perceptualStages().stream().filter(stage -> stage <= 2).toList(), 1 / 16.0),
        new AffineWarp(.5, 15, .1),
        List.of(
            new TrainingAttack("pgd-kl", .031, .0175, 4, .625),
            new TrainingAttack("pgd", .031, .0075, 8, .375)),
        new DefenseConfig.Replay(32, 6),
        new DefenseConfig.Optimiser(
            1e-3, r.trunk().isPresent() ? .2 : 1, 2e-4, .5, .999, .995, new Schedule(1, 50, .2)),
        32,
        2,
        500,
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

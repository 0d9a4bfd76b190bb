package io.realign.train;

import io.realign.data.Augmentation;
import io.realign.data.Dataset;
import io.realign.target.Architecture;
import io.realign.train.TargetConfig.Optimiser;
import java.util.Optional;

/**
 * How a target is trained unless the user says otherwise.
 *
 * @param epochs passes over the training images
 * @param batch images a step
 * @param learningRate the highest
 * @param weightDecay λ
 * @param labelSmoothing the share of a label that is spread over all classes
 * @param decay of the learning rate
 * @param headFactor the learning rate of what is no part of a backbone, as a factor
 */
public record Recipe(
    double epochs,
    int batch,
    double learningRate,
    double weightDecay,
    double labelSmoothing,
    Decay decay,
    double headFactor) {

  /** How the learning rate goes down. */
  public enum Decay {
    /** Up over a sixth of the run, then linearly to 0. */
    ONE_CYCLE,
    /** By the power .9 of what is left of the run. */
    POLY
  }

  /**
   * The usual one for a net: that of its paper where it has one, else one that trains from random
   * weights in few passes.
   *
   * <p>PSPNet and DeepLabv3 are meant to start from a trained backbone: rate .01, poly .9, heads
   * tenfold (Zhao et al., 2017). So is SSD300, at .001 (Liu et al., 2016), and RFBNet300, at .004
   * (Liu et al., 2018); their rates fall in steps there, in one cycle here.
   */
  public static Recipe of(Architecture kind) {
    return published(kind)
        .orElseGet(
            () ->
                switch (kind.labelling()) {
                  case CLASSES -> new Recipe(30, 128, .1, 5e-4, .1, Decay.ONE_CYCLE, 1);
                  case MASKS -> new Recipe(60, 16, .02, 1e-4, 0, Decay.ONE_CYCLE, 1);
                  case BOXES -> new Recipe(100, 32, .01, 5e-4, 0, Decay.ONE_CYCLE, 1);
                });
  }

  /** What happens to training images: for nets with a paper's recipe what the paper does. */
  public static Augmentation augmentation(Architecture kind, Dataset images) {
    return published(kind).isPresent()
        ? Augmentation.published(kind.labelling(), images)
        : Augmentation.of(kind.labelling());
  }

  /** That of the net's paper. */
  private static Optional<Recipe> published(Architecture kind) {
    return switch (kind.name()) {
      case "pspnet-resnet50", "deeplabv3-resnet50", "deeplabv3-resnet50-torchvision" ->
          Optional.of(new Recipe(50, 16, .01, 1e-4, 0, Decay.POLY, 10));
      case "ssd300-vgg16", "ssd300-vgg16-torchvision" ->
          Optional.of(new Recipe(230, 32, .001, 5e-4, 0, Decay.ONE_CYCLE, 1));
      case "rfbnet300-vgg16" -> Optional.of(new Recipe(300, 32, .004, 5e-4, 0, Decay.ONE_CYCLE, 1));
      default -> Optional.empty();
    };
  }

  /** The optimiser of a run of {@code steps} steps. */
  public Optimiser optimiser(long steps) {
    return switch (decay) {
      case ONE_CYCLE -> Optimiser.oneCycle(learningRate, weightDecay, headFactor, steps);
      case POLY ->
          new Optimiser(learningRate, .9, weightDecay, headFactor, new Schedule(steps, 0, 0, .9));
    };
  }
}

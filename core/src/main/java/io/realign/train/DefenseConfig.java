package io.realign.train;

import com.fasterxml.jackson.annotation.JacksonInject;
import io.realign.align.Discriminator;
import io.realign.align.GeneratorConfig;
import io.realign.align.LossPreset;
import io.realign.align.LossWeights;
import io.realign.align.Variant;
import io.realign.data.AffineWarp;
import io.realign.io.Yaml;
import io.realign.torch.Compute.Precision;
import java.util.List;

/**
 * Everything that decides how a defense is trained, fully resolved: written to {@code config.yaml}
 * before step 1 and read back by {@code --config}.
 *
 * @param target {@code ARCH@FILE}, the file without its folder
 * @param data name of the dataset
 * @param variant whose choices where paper and release differ
 * @param loss which terms are on
 * @param profile the preset that the sizes below came from
 * @param generator sizes of G
 * @param discriminator sizes of D
 * @param weights λ
 * @param perceptual the perceptual net and its stages; empty stages when L_p is off
 * @param repeatBelow images of classes that a smaller share of the images shows are repeated; see
 *     {@link io.realign.data.RepeatFactor}; 0 for none
 * @param warp a change of training images beside the crop and the flip
 * @param attacks what makes x_a
 * @param replay how long attacked images are used
 * @param optimiser learning rates and schedule
 * @param batch images a shard
 * @param shards batches a step, whose gradients are averaged; a core works on each
 * @param validation at most so many of the validation images judge generators
 * @param validateEvery steps between validations
 * @param seed the root of all draws
 * @param precision of the forward passes
 */
public record DefenseConfig(
    String target,
    String data,
    Variant variant,
    LossPreset loss,
    Profile profile,
    GeneratorConfig generator,
    Discriminator.Config discriminator,
    LossWeights weights,
    Perceptual perceptual,
    @JacksonInject(Yaml.ELSE_ZERO) double repeatBelow,
    AffineWarp warp,
    List<TrainingAttack> attacks,
    Replay replay,
    Optimiser optimiser,
    int batch,
    int shards,
    int validation,
    long validateEvery,
    long seed,
    Precision precision) {

  /** Checks the numbers. */
  public DefenseConfig {
    attacks = List.copyOf(attacks);
    if (batch < 1 || shards < 1 || validation < 1 || validateEvery < 1) {
      throw new IllegalArgumentException(
          "batch %d, shards %d, validation %d, validateEvery %d: all must be positive"
              .formatted(batch, shards, validation, validateEvery));
    }
  }

  /** Images a step. */
  public int imagesPerStep() {
    return batch * shards;
  }

  /**
   * The same with other images.
   *
   * @param held how many judge generators
   * @param reuse how long attacked ones are used
   */
  public DefenseConfig withImages(int held, Replay reuse) {
    Draft draft = new Draft(this);
    draft.validation = held;
    draft.replay = reuse;
    return draft.config();
  }

  /** The same with images of classes that a smaller share of the images shows repeated. */
  public DefenseConfig repeating(double share) {
    Draft draft = new Draft(this);
    draft.repeatBelow = share;
    return draft.config();
  }

  /** The same with other attacks in training. */
  public DefenseConfig withAttacks(List<TrainingAttack> others) {
    Draft draft = new Draft(this);
    draft.attacks = others;
    return draft.config();
  }

  /** The same for another target, other data and another seed. */
  public DefenseConfig on(String otherTarget, String otherData, long otherSeed) {
    Draft draft = new Draft(this);
    draft.target = otherTarget;
    draft.data = otherData;
    draft.seed = otherSeed;
    return draft.config();
  }

  /** The same with another loss, variant and precision; D sees labels as the variant has it. */
  DefenseConfig trained(LossPreset otherLoss, Variant otherVariant, Precision otherPrecision) {
    Discriminator.Config d = discriminator;
    Draft draft = new Draft(this);
    draft.loss = otherLoss;
    draft.variant = otherVariant;
    draft.precision = otherPrecision;
    draft.discriminator =
        new Discriminator.Config(
            d.filters(), d.layers(), d.scales(), otherVariant.conditional() ? d.conditions() : 0);
    return draft.config();
  }

  /** The same for {@code epochs} passes over {@code images} training images. */
  public DefenseConfig withEpochs(double epochs, int images) {
    return lasting(Math.max(1, Math.round(epochs * stepsPerEpoch(images))), images);
  }

  /**
   * The same for {@code steps} on {@code images} training images, looked at after each pass, or
   * each quarter of the steps if that comes sooner; the end is a look in any case.
   */
  public DefenseConfig lasting(long steps, int images) {
    return withSteps(steps, Math.min(stepsPerEpoch(images), Math.ceilDiv(steps, 4)));
  }

  private long stepsPerEpoch(int images) {
    return Math.max(1, images / imagesPerStep());
  }

  /** The same for another number of steps. */
  public DefenseConfig withSteps(long steps, long everySteps) {
    Draft draft = new Draft(this);
    draft.optimiser = optimiser.withSteps(steps);
    draft.validateEvery = everySteps;
    return draft.config();
  }

  /** What a copy may have otherwise. */
  private static final class Draft {

    private final DefenseConfig from;
    private String target;
    private String data;
    private Variant variant;
    private LossPreset loss;
    private Discriminator.Config discriminator;
    private double repeatBelow;
    private List<TrainingAttack> attacks;
    private Replay replay;
    private Optimiser optimiser;
    private int validation;
    private long validateEvery;
    private long seed;
    private Precision precision;

    private Draft(DefenseConfig from) {
      this.from = from;
      this.target = from.target;
      this.data = from.data;
      this.variant = from.variant;
      this.loss = from.loss;
      this.discriminator = from.discriminator;
      this.repeatBelow = from.repeatBelow;
      this.attacks = from.attacks;
      this.replay = from.replay;
      this.optimiser = from.optimiser;
      this.validation = from.validation;
      this.validateEvery = from.validateEvery;
      this.seed = from.seed;
      this.precision = from.precision;
    }

    private DefenseConfig config() {
      return new DefenseConfig(
          target,
          data,
          variant,
          loss,
          from.profile,
          from.generator,
          discriminator,
          from.weights,
          from.perceptual,
          repeatBelow,
          from.warp,
          attacks,
          replay,
          optimiser,
          from.batch,
          from.shards,
          validation,
          validateEvery,
          seed,
          precision);
    }
  }

  /**
   * How long attacked images are used: the attack sees the target alone, so they stay true while G
   * learns.
   *
   * @param steps steps whose batches are attacked at a time
   * @param times how often each image of them is used
   */
  public record Replay(int steps, int times) {

    /** Every batch attacked for its own step. */
    public static final Replay NONE = new Replay(1, 1);

    /** As many uses of each image in pools of which {@code total} steps hold at least one. */
    Replay inSmall(int total) {
      return new Replay(Math.max(1, Math.min(steps, total / times)), times);
    }

    /** Checks the numbers. */
    public Replay {
      if (steps < 1 || times < 1) {
        throw new IllegalArgumentException(
            "replay of %d steps, %d times: both must be positive".formatted(steps, times));
      }
    }
  }

  /**
   * Adam's constants.
   *
   * @param generatorRate base learning rate of G
   * @param trunkFactor the rate of an encoder that starts from the target, as a factor of G's
   * @param discriminatorRate base learning rate of D
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param averaging decay of the moving average of G's weights that is validated and kept; 0 for
   *     the weights themselves
   * @param schedule the rates over the run
   */
  public record Optimiser(
      double generatorRate,
      double trunkFactor,
      double discriminatorRate,
      double beta1,
      double beta2,
      double averaging,
      Schedule schedule) {

    /** Checks the numbers. */
    public Optimiser {
      if (!(generatorRate > 0 && trunkFactor > 0 && discriminatorRate > 0)) {
        throw new IllegalArgumentException(
            "learning rates must be positive, not %s, %s and %s"
                .formatted(generatorRate, trunkFactor, discriminatorRate));
      }
      for (double decay : new double[] {beta1, beta2, averaging}) {
        if (!(decay >= 0 && decay < 1)) {
          throw new IllegalArgumentException("a decay must be in [0,1), not " + decay);
        }
      }
    }

    Optimiser withSteps(long steps) {
      return new Optimiser(
          generatorRate,
          trunkFactor,
          discriminatorRate,
          beta1,
          beta2,
          averaging,
          new Schedule(steps, schedule.warmup(), schedule.constant(), schedule.power()));
    }
  }

  /**
   * The perceptual net of L_p.
   *
   * @param weights file name of VGG's weights; empty when L_p is off
   * @param stages which of the five stages are compared, from 1
   * @param stageWeights the weight of each
   * @param share the part of each batch that is compared
   */
  public record Perceptual(
      String weights, List<Integer> stages, List<Double> stageWeights, double share) {

    /** L_p off. */
    public static final Perceptual NONE = new Perceptual("", List.of(), List.of(), 1);

    /** Copies the lists. */
    public Perceptual {
      stages = List.copyOf(stages);
      stageWeights = List.copyOf(stageWeights);
      if (stages.size() != stageWeights.size()) {
        throw new IllegalArgumentException(
            "%d perceptual stages with %d weights".formatted(stages.size(), stageWeights.size()));
      }
    }
  }
}

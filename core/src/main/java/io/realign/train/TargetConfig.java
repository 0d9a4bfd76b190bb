package io.realign.train;

import com.fasterxml.jackson.annotation.JacksonInject;
import io.realign.io.Yaml;
import io.realign.torch.Compute.Precision;

/**
 * Everything that decides how a target is trained, fully resolved: written to {@code config.yaml}
 * before step 1.
 *
 * @param architecture its name: {@code wrn-28-10}
 * @param data name of the dataset
 * @param imageSize of the dataset, in pixels
 * @param classes of the dataset
 * @param trainingImages the images that are trained on
 * @param validation images split off the training data, which choose the weights that are kept
 * @param optimiser of the weights
 * @param repeatBelow images of classes that a smaller share of the images shows are repeated; see
 *     {@link io.realign.data.RepeatFactor}; 0 for none
 * @param labelSmoothing the share of a label that is spread over all classes, in [0,1)
 * @param augment whether images are shifted by up to 4 pixels and flipped
 * @param batch images a shard
 * @param shards batches a step, whose gradients are averaged; a core works on each, and each
 *     normalises its batch by its own statistics
 * @param validateEvery steps between validations
 * @param seed the root of all draws
 * @param precision of the forward passes
 */
public record TargetConfig(
    String architecture,
    String data,
    int imageSize,
    int classes,
    int trainingImages,
    int validation,
    Optimiser optimiser,
    @JacksonInject(Yaml.ELSE_ZERO) double repeatBelow,
    double labelSmoothing,
    boolean augment,
    int batch,
    int shards,
    long validateEvery,
    long seed,
    Precision precision) {

  /** Checks the numbers. */
  public TargetConfig {
    if (batch < 1 || shards < 1 || validation < 1 || validateEvery < 1) {
      throw new IllegalArgumentException(
          "batch %d, shards %d, validation %d, validateEvery %d: all must be positive"
              .formatted(batch, shards, validation, validateEvery));
    }
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException("label smoothing must be in [0,1), not " + labelSmoothing);
    }
    if (trainingImages < batch * shards) {
      throw new IllegalArgumentException(
          "%d training images are too few for steps of %d"
              .formatted(trainingImages, batch * shards));
    }
  }

  /** Images a step. */
  public int imagesPerStep() {
    return batch * shards;
  }

  /** Steps a pass over the training images takes. */
  public long stepsPerEpoch() {
    return trainingImages / imagesPerStep();
  }

  /**
   * SGD with Nesterov's momentum.
   *
   * @param learningRate the highest
   * @param momentum in [0,1)
   * @param weightDecay L2 penalty λ, whose gradient is λw; not on biases and batch norm
   * @param headFactor the learning rate of what is no part of a backbone, as a factor
   * @param schedule of the learning rate over the run
   */
  public record Optimiser(
      double learningRate,
      double momentum,
      double weightDecay,
      @JacksonInject(Yaml.ELSE_ONE) double headFactor,
      Schedule schedule) {

    /** Checks the numbers. */
    public Optimiser {
      if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
        throw new IllegalArgumentException(
            "the learning rate must be above 0, not " + learningRate);
      }
      if (!(momentum >= 0 && momentum < 1)) {
        throw new IllegalArgumentException("momentum must be in [0,1), not " + momentum);
      }
      if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
        throw new IllegalArgumentException("weight decay must not be negative: " + weightDecay);
      }
      if (!(headFactor > 0) || Double.isInfinite(headFactor)) {
        throw new IllegalArgumentException("the heads' factor must be above 0, not " + headFactor);
      }
    }

    /**
     * The usual one: momentum .9, a linear rise over a sixth of the run and a linear fall to 0 over
     * the rest (one cycle, as in Smith and Topin, 2017).
     */
    public static Optimiser oneCycle(double learningRate, double weightDecay, long steps) {
      return oneCycle(learningRate, weightDecay, 1, steps);
    }

    static Optimiser oneCycle(
        double learningRate, double weightDecay, double headFactor, long steps) {
      return new Optimiser(
          learningRate,
          .9,
          weightDecay,
          headFactor,
          new Schedule(steps, Math.max(1, steps / 6), 0));
    }
  }
}

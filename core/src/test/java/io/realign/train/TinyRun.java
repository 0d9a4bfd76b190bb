package io.realign.train;

import io.realign.align.CompactGenerator;
import io.realign.align.Discriminator;
import io.realign.align.LossPreset;
import io.realign.align.LossWeights;
import io.realign.align.Variant;
import io.realign.data.AffineWarp;
import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.data.Sample;
import io.realign.io.Pixels;
import io.realign.target.LinearTarget;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * A training run of milliseconds a step: red, green and blue images, and a linear target that goes
 * by colour but can be driven astray by noise, which a generator learns to smooth.
 */
final class TinyRun {

  private static final int SIDE = 16;
  private static final int AREA = SIDE * SIDE;
  private static final int CLASSES = 3;

  private TinyRun() {}

  private static double colour(int label, int channel) {
    return label == channel ? 1 : -.5;
  }

  /** x = ½ + .15·colour + .02·N(0,1). */
  private record Colours(int size, Seed seed) implements Dataset {
    @Override
    public String name() {
      return "colours";
    }

    @Override
    public List<String> classes() {
      return List.of("red", "green", "blue");
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Sample get(int index) {
      SplittableRandom random = seed.child(index).random();
      int label = index % CLASSES;
      byte[] rgb = new byte[3 * AREA];
      for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < AREA; i++) {
          double value = .5 + .15 * colour(label, channel) + .02 * random.nextGaussian();
          rgb[channel * AREA + i] = (byte) Math.round(255 * value);
        }
      }
      return new Sample(new Pixels(SIDE, SIDE, rgb), Annotation.ofClass(label));
    }
  }

  /** z_k = mean over pixels of ⟨x, 20·colour_k + 100·noise_k⟩. */
  static LinearTarget target() {
    SplittableRandom random = new SplittableRandom(5);
    double[][] weight = new double[CLASSES][3 * AREA];
    double[] bias = new double[CLASSES];
    for (int k = 0; k < CLASSES; k++) {
      for (int j = 0; j < 3 * AREA; j++) {
        weight[k][j] = (20 * colour(k, j / AREA) + (random.nextBoolean() ? 100 : -100)) / AREA;
        bias[k] -= .5 * weight[k][j];
      }
    }
    return LinearTarget.of(weight, bias, SIDE);
  }

  static DefenseTraining.Inputs inputs() {
    return inputs(Compute.CPU);
  }

  static DefenseTraining.Inputs inputs(Compute compute) {
    return inputs(compute, Optional.empty());
  }

  static DefenseTraining.Inputs inputs(Compute compute, Optional<DefenseStart> start) {
    return new DefenseTraining.Inputs(
        target(),
        "",
        new Classification(),
        new Colours(96, Seed.of(1)),
        new Colours(60, Seed.of(2)),
        Optional.empty(),
        compute,
        start);
  }

  /** A run of {@code steps} steps, validated at every quarter. */
  static DefenseConfig config(long steps, int shards) {
    return config(steps, shards, 2e-3);
  }

  static DefenseConfig config(long steps, int shards, double rate) {
    return new DefenseConfig(
        "linear@none",
        "colours",
        Variant.RELEASED,
        LossPreset.FULL,
        Profile.SMALL,
        new CompactGenerator.Config(6, 1, 0, 1, .12, List.of(.5, .5, .5), List.of(.5, .5, .5)),
        new Discriminator.Config(4, 2, 1, CLASSES),
        new LossWeights(10, 1, .2, 1, 2, 1, .1, .005, .2, 5),
        DefenseConfig.Perceptual.NONE,
        0,
        new AffineWarp(.25, 15, .1),
        List.of(
            new TrainingAttack("pgd-kl", .031, .0175, 2, .5),
            new TrainingAttack("pgd", .031, .0155, 2, .5)),
        new DefenseConfig.Replay(4, 2),
        new DefenseConfig.Optimiser(rate, .5, 2e-4, .5, .999, .9, new Schedule(steps, 5, .5)),
        8,
        shards,
        60,
        Math.max(1, steps / 4),
        1,
        Compute.Precision.FP32);
  }

  /** Trains, going on from a checkpoint if there is one. */
  static boolean train(
      DefenseConfig config, Path out, Duration every, BooleanSupplier stop, Listener... watchers) {
    return DefenseTraining.run(config, inputs(), out, true, every, List.of(watchers), stop);
  }

  static boolean train(DefenseConfig config, Path out) {
    return train(config, out, Duration.ofDays(1), () -> false);
  }
}

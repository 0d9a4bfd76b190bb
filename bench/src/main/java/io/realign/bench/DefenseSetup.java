package io.realign.bench;

import io.realign.align.AlignmentLoss;
import io.realign.align.LossPreset;
import io.realign.align.PerceptualLoss;
import io.realign.align.Variant;
import io.realign.data.Cached;
import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Labelling;
import io.realign.data.Part;
import io.realign.data.Subset;
import io.realign.nn.Init;
import io.realign.nn.StateDict;
import io.realign.target.Architectures;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.target.VggFeatures;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import io.realign.train.Profile;
import io.realign.train.Profiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The defense that is trained: profile {@code small}, all terms of the loss, on CIFAR-10's shapes.
 * Random weights and images stand in for files that are not given: they cost the same.
 *
 * @param config everything resolved
 * @param inputs what it works on
 * @param loss L_g
 * @param given the files used, and {@code random} for the rest
 */
record DefenseSetup(
    DefenseConfig config,
    DefenseTraining.Inputs inputs,
    AlignmentLoss loss,
    Map<String, String> given) {

  private static final String RANDOM = "random";
  private static final String ARCHITECTURE = "cifar-resnet20";
  private static final int RANDOM_IMAGES = 4096;
  private static final int VALIDATION = 32; // never validated: the run stops before
  private static final Set<Integer> STAGES = Set.of(1, 2, 3);

  /** {@code conv} layers of VGG-19 up to the first of the fifth block: index, in, out. */
  private static final int[][] VGG = {
    {0, 3, 64},
    {2, 64, 64},
    {5, 64, 128},
    {7, 128, 128},
    {10, 128, 256},
    {12, 256, 256},
    {14, 256, 256},
    {16, 256, 256},
    {19, 256, 512},
    {21, 512, 512},
    {23, 512, 512},
    {25, 512, 512},
    {28, 512, 512}
  };

  /** Those up to the first of the third block. */
  private static final int GIVEN = 5;

  private static final int FEW_IMAGES = 16;

  /**
   * The files to use.
   *
   * @param target the net
   * @param trust whether it may be a program
   * @param dataDir the folder of {@code cifar-10-batches-bin}
   * @param vgg weights of the perceptual net
   */
  record Files(
      Optional<TargetName> target, Trust trust, Optional<Path> dataDir, Optional<Path> vgg) {}

  /** Reads the files and resolves the profile. */
  static DefenseSetup of(Plan plan, Files files, Compute compute, long seed) {
    Seed draws = Seed.of(seed).child("bench");
    Target target =
        files
            .target()
            .map(name -> Targets.load(name, files.trust(), compute))
            .orElseGet(
                () -> Targets.trainable(ARCHITECTURE, 10, draws.child("target"), compute).freeze());
    Dataset images =
        files
            .dataDir()
            .map(
                folder ->
                    Datasets.open(
                        "cifar10", Optional.of(folder), Part.TRAIN, Datasets.Options.standard()))
            .orElseGet(() -> new RandomImages(RANDOM_IMAGES, draws.child("images")));
    VggFeatures vgg =
        files
            .vgg()
            .map(file -> VggFeatures.load(file, compute))
            .orElseGet(() -> vgg(GIVEN, draws, compute));
    Set<Integer> available = new TreeSet<>(vgg.provided());
    available.retainAll(STAGES);
    DefenseConfig config =
        Profiles.resolve(
            Profile.SMALL,
            new Profiles.Request(
                files.target().map(TargetName::text).orElse(ARCHITECTURE),
                images.name(),
                images.imageSize(),
                target.classes(),
                images.size(),
                Variant.RELEASED,
                LossPreset.FULL,
                files.vgg().map(DefenseSetup::name).orElse(RANDOM),
                List.copyOf(available),
                target.trunk(),
                seed,
                compute.precision()),
            1);
    DefenseConfig sized = sized(config.withSteps(plan.steps(), plan.steps()), plan);
    DefenseTraining.Inputs inputs = inputs(sized, target, images, vgg, compute);
    return new DefenseSetup(
        sized,
        inputs,
        loss(sized, inputs),
        Map.of(
            "target",
            files.target().map(TargetName::withoutFolder).orElse(RANDOM + " " + ARCHITECTURE),
            "images",
            images.name(),
            "vgg",
            files.vgg().map(DefenseSetup::name).orElse(RANDOM)));
  }

  /**
   * The published training for a net of random weights on scenes, with all stages of VGG-19.
   *
   * @param side of the images
   */
  static DefenseSetup published(String architecture, int side, Compute compute, long seed) {
    Seed draws = Seed.of(seed).child("bench");
    Labelling labelling = Architectures.of(architecture).labelling();
    Dataset images =
        new Cached(
            Subset.first(
                Datasets.open(
                    "scenes",
                    Optional.empty(),
                    Part.TRAIN,
                    Datasets.Options.standard().sized(side).labelled(labelling)),
                FEW_IMAGES));
    int classes =
        labelling == Labelling.MASKS ? images.maskClasses().size() : images.classes().size();
    Target target =
        Targets.trainable(architecture, classes, draws.child("target"), compute).freeze();
    VggFeatures vgg = vgg(VGG.length, draws, compute);
    DefenseConfig config =
        Profiles.resolve(
            Profile.PUBLISHED,
            new Profiles.Request(
                architecture,
                images.name(),
                side,
                target.classes(),
                images.size(),
                Variant.RELEASED,
                LossPreset.FULL,
                RANDOM,
                List.copyOf(new TreeSet<>(vgg.provided())),
                target.trunk(),
                seed,
                compute.precision(),
                labelling),
            1);
    DefenseTraining.Inputs inputs = inputs(config, target, images, vgg, compute);
    return new DefenseSetup(
        config, inputs, loss(config, inputs), Map.of("target", RANDOM, "images", "scenes"));
  }

  private static DefenseTraining.Inputs inputs(
      DefenseConfig config, Target target, Dataset images, VggFeatures vgg, Compute compute) {
    Set<Integer> stages = Set.copyOf(config.perceptual().stages());
    return new DefenseTraining.Inputs(
        target,
        "",
        target.task(),
        images,
        Subset.first(images, Math.min(VALIDATION, images.size())),
        Optional.of(x -> vgg.stages(x, stages)),
        compute,
        Optional.empty());
  }

  private static AlignmentLoss loss(DefenseConfig config, DefenseTraining.Inputs inputs) {
    PerceptualLoss perceptual =
        new PerceptualLoss(
            config.loss().pixels().orElseThrow(),
            inputs.perceptual().orElseThrow(),
            config.perceptual().stageWeights(),
            config.perceptual().share(),
            config.variant() == Variant.RELEASED);
    return new AlignmentLoss(
        inputs.task(),
        inputs.target(),
        config.loss(),
        config.weights(),
        config.variant().featuresAreLogits(),
        Optional.of(perceptual));
  }

  private static DefenseConfig sized(DefenseConfig c, Plan plan) {
    if (plan.shard() == 0 && plan.poolSteps() == 0) {
      return c;
    }
    return new DefenseConfig(
        c.target(),
        c.data(),
        c.variant(),
        c.loss(),
        c.profile(),
        c.generator(),
        c.discriminator(),
        c.weights(),
        c.perceptual(),
        c.repeatBelow(),
        c.warp(),
        c.attacks(),
        new DefenseConfig.Replay(plan.poolSteps(), c.replay().times()),
        c.optimiser(),
        plan.shard(),
        c.shards(),
        c.validation(),
        c.validateEvery(),
        c.seed(),
        c.precision());
  }

  private static VggFeatures vgg(int layers, Seed seed, Compute compute) {
    StateDict weights = new StateDict();
    for (int[] layer : Arrays.copyOf(VGG, layers)) {
      String name = "features." + layer[0];
      weights.put(
          name + ".weight", Init.heFanIn().make(seed.child(name), layer[2], layer[1], 3, 3));
      weights.put(name + ".bias", Init.constant(0).make(seed, layer[2]));
    }
    return VggFeatures.of(weights, Map.of(), RANDOM, compute);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}

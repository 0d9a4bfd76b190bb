package io.realign.train;

import io.realign.align.AlignmentLoss;
import io.realign.align.DefenseOrigin;
import io.realign.align.PerceptualLoss;
import io.realign.align.PerceptualLoss.StageFeatures;
import io.realign.align.Variant;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.io.AtomicFile;
import io.realign.io.Build;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.target.Target;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * A run that trains a defense: the files it leaves, and how it goes on after an interruption.
 *
 * <p>The folder holds {@code config.yaml} (before step 1), {@code metrics.jsonl}, TensorBoard's
 * event files, {@code checkpoint.safetensors} and {@code defense.safetensors}, the best generator
 * so far.
 */
public final class DefenseTraining {

  /** The resolved configuration. */
  public static final String CONFIG = "config.yaml";

  /** The best generator. */
  public static final String DEFENSE = "defense.safetensors";

  /** Everything that is needed to go on. */
  public static final String CHECKPOINT = "checkpoint.safetensors";

  private DefenseTraining() {}

  /**
   * What a run works on.
   *
   * @param target O
   * @param targetSha256 of its weight file: a run goes on with the same weights alone; empty where
   *     there is no file
   * @param task what O is asked
   * @param train training images
   * @param validation images that judge generators, disjoint from {@code train}
   * @param perceptual Φ for L_p, giving the stages that the configuration names; empty when L_p is
   *     off
   * @param compute device and precision
   * @param start a generator to start from; empty for a new one
   */
  public record Inputs(
      Target target,
      String targetSha256,
      Task task,
      Dataset train,
      Dataset validation,
      Optional<StageFeatures> perceptual,
      Compute compute,
      Optional<DefenseStart> start) {}

  /**
   * Checks, without a trace, that a run could start.
   *
   * @throws InputException if there are too few images, the perceptual net is missing, or the
   *     generator to start from is another one
   */
  public static void check(DefenseConfig config, Inputs inputs) {
    inputs.start().ifPresent(start -> start.check(config.generator()));
    loss(config, inputs);
    loader(config, inputs);
  }

  /**
   * Trains to the end or until {@code stop} says so; says whether the end was reached.
   *
   * @param out the run's folder
   * @param resume whether to go on from the folder's checkpoint, if it has one
   * @param checkpointEvery time between checkpoints
   * @throws InputException if the folder's checkpoint is of another configuration
   * @throws TrainingFailure if a loss is no number
   */
  public static boolean run(
      DefenseConfig config,
      Inputs inputs,
      Path out,
      boolean resume,
      Duration checkpointEvery,
      List<Listener> watchers,
      BooleanSupplier stop) {
    String yaml = Yaml.write(config);
    check(config, inputs);
    String fingerprint =
        UUID.nameUUIDFromBytes(
                (yaml
                        + inputs.targetSha256
                        + inputs.train().name()
                        + inputs.train().size()
                        + inputs.start().map(DefenseStart::sha256).orElse(""))
                    .getBytes(StandardCharsets.UTF_8))
            .toString();
    Path checkpoint = out.resolve(CHECKPOINT);
    DefenseState state =
        new DefenseState(config, inputs.target(), inputs.start(), inputs.compute());
    if (resume && Files.exists(checkpoint)) {
      state.restore(checkpoint, fingerprint);
    }
    AtomicFile.writeString(out.resolve(CONFIG), yaml);
    List<Listener> all = new ArrayList<>(watchers);
    try (Workers workers = Workers.forJobs(config.shards());
        MetricsWriter metrics = new MetricsWriter(out.resolve(MetricsWriter.FILE), state.step());
        TensorBoardWriter board = new TensorBoardWriter(out, state.step())) {
      all.add(metrics);
      all.add(board);
      Listener listener = new Listeners(all);
      Course course =
          new Course(
              config.optimiser().schedule().steps(),
              config.validateEvery(),
              checkpointEvery,
              listener);
      try (DefenseTrainer trainer =
          trainer(config, inputs, out, listener, workers, state, fingerprint)) {
        return course.run(trainer, stop);
      }
    }
  }

  /**
   * How long a step takes here, in seconds: a few steps are taken with weights that are thrown
   * away.
   *
   * @param timed steps that are timed, after as many that are not
   */
  public static double secondsPerStep(DefenseConfig config, Inputs inputs, int timed) {
    DefenseState state =
        new DefenseState(
            config
                .withSteps(2L * timed, Long.MAX_VALUE)
                .withImages(config.validation(), config.replay().inSmall(timed)),
            inputs.target(),
            inputs.start(),
            inputs.compute());
    try (Workers workers = Workers.forJobs(config.shards());
        DefenseTrainer trainer =
            trainer(state.config(), inputs, Path.of(""), new Listener() {}, workers, state, "")) {
      return trainer.time(timed);
    }
  }

  private static DefenseTrainer trainer(
      DefenseConfig config,
      Inputs inputs,
      Path out,
      Listener listener,
      Workers workers,
      DefenseState state,
      String fingerprint) {
    Seed seed = Seed.of(config.seed());
    DefenseTrainer.Files files =
        new DefenseTrainer.Files(
            out.resolve(CHECKPOINT), out.resolve(DEFENSE), origin(config, inputs), fingerprint);
    return new DefenseTrainer(
        config,
        inputs.target(),
        inputs.task(),
        loss(config, inputs),
        loader(config, inputs),
        () ->
            new Validation(
                inputs.target(),
                inputs.task(),
                inputs.validation(),
                Profiles.judges(inputs.task().labelling()),
                seed.child("validation"),
                workers,
                inputs.compute()),
        workers,
        inputs.compute(),
        state,
        listener,
        files);
  }

  private static Loader loader(DefenseConfig config, Inputs inputs) {
    return new Loader(
        inputs.train(),
        Loader.Options.training(config.batch())
            .augmented(
                config
                    .warp()
                    .then(
                        Profiles.augmentation(
                            config.profile(), inputs.task().labelling(), inputs.train()))),
        Seed.of(config.seed()).child("data"));
  }

  private static AlignmentLoss loss(DefenseConfig config, Inputs inputs) {
    Optional<PerceptualLoss> perceptual =
        inputs
            .perceptual()
            .filter(net -> !config.perceptual().stages().isEmpty())
            .flatMap(
                net ->
                    config
                        .loss()
                        .pixels()
                        .map(
                            scheme ->
                                new PerceptualLoss(
                                    scheme,
                                    net,
                                    config.perceptual().stageWeights(),
                                    config.perceptual().share(),
                                    config.variant() == Variant.RELEASED)));
    if (perceptual.isEmpty() && !config.perceptual().stages().isEmpty()) {
      throw new InputException(
          "the configuration has a perceptual loss with "
              + config.perceptual().weights()
              + "; give that file with --vgg");
    }
    return new AlignmentLoss(
        inputs.task(),
        inputs.target(),
        config.loss(),
        config.weights(),
        config.variant().featuresAreLogits(),
        perceptual);
  }

  /** What the defense says of its making. */
  private static Map<String, String> origin(DefenseConfig config, Inputs inputs) {
    int side = inputs.train().imageSize();
    Map<String, String> origin = new TreeMap<>();
    origin.put(DefenseOrigin.TARGET, config.target());
    if (!inputs.targetSha256.isEmpty()) {
      origin.put(DefenseOrigin.TARGET_SHA256, inputs.targetSha256);
    }
    origin.put("data", config.data());
    origin.put("loss", config.loss().label());
    origin.put("variant", Yaml.writeJson(config.variant()).replace("\"", ""));
    origin.put("seed", Long.toString(config.seed()));
    origin.put("steps", Long.toString(config.optimiser().schedule().steps()));
    origin.put("batch", Integer.toString(config.imagesPerStep()));
    origin.put("attacks", Yaml.writeJson(config.attacks()));
    origin.put("trained_size", side + "x" + side);
    origin.put("trained_by", Build.current().text());
    List<String> classes = inputs.task().classes(inputs.train());
    if (!classes.isEmpty()) {
      origin.put(DefenseOrigin.CLASS_NAMES, Yaml.writeJson(classes));
    }
    inputs.start().ifPresent(start -> origin.put("start_sha256", start.sha256()));
    return origin;
  }
}

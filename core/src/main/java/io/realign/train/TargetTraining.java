package io.realign.train;

import io.realign.data.Augmentation;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.target.Architecture;
import io.realign.target.Architectures;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * A run that trains a target: the files it leaves, and how it goes on after an interruption.
 *
 * <p>The folder holds {@code config.yaml} (before step 1), {@code metrics.jsonl}, TensorBoard's
 * event files, {@code checkpoint.safetensors} and {@code target.safetensors}, the best net so far.
 */
public final class TargetTraining {

  /** The resolved configuration. */
  public static final String CONFIG = "config.yaml";

  /** The best net, which {@code ARCH@FILE} reads. */
  public static final String TARGET = "target.safetensors";

  /** Everything that is needed to go on. */
  public static final String CHECKPOINT = "checkpoint.safetensors";

  private TargetTraining() {}

  /**
   * What a run works on.
   *
   * @param train training images
   * @param validation images that choose the best net, disjoint from {@code train}
   * @param compute device and precision
   * @param start weights to start from; random ones if empty
   */
  public record Inputs(Dataset train, Dataset validation, Compute compute, Optional<Start> start) {

    /** From random weights. */
    public Inputs(Dataset train, Dataset validation, Compute compute) {
      this(train, validation, compute, Optional.empty());
    }
  }

  /**
   * Checks, without a trace, that a run could start.
   *
   * @throws InputException if there are too few images, or weights are missing that the net cannot
   *     do without
   */
  public static void check(TargetConfig config, Inputs inputs) {
    Architecture kind = Architectures.of(config.architecture());
    if (kind.scored() instanceof Architecture.Scored.Fixed && inputs.start().isEmpty()) {
      throw new InputException(
          kind.name() + " has its priors in its published weights: give them with --start");
    }
    loader(config, inputs.train());
  }

  /**
   * Trains to the end or until {@code stop} says so; says whether the end was reached.
   *
   * @param out the run's folder
   * @param resume whether to go on from the folder's checkpoint, if it has one
   * @param checkpointEvery time between checkpoints
   * @throws InputException if the folder's checkpoint is of another configuration
   * @throws TrainingFailure if the loss is no number
   */
  public static boolean run(
      TargetConfig config,
      Inputs inputs,
      Path out,
      boolean resume,
      Duration checkpointEvery,
      List<Listener> watchers,
      BooleanSupplier stop) {
    String yaml = Yaml.write(config);
    String from = inputs.start().map(Start::sha256).orElse("");
    String fingerprint =
        UUID.nameUUIDFromBytes((yaml + from).getBytes(StandardCharsets.UTF_8)).toString();
    Loader loader = loader(config, inputs.train());
    TargetTrainer.Files files =
        new TargetTrainer.Files(out.resolve(CHECKPOINT), out.resolve(TARGET), fingerprint);
    TargetState state = new TargetState(config, inputs.compute(), inputs.start());
    if (resume && Files.exists(files.checkpoint())) {
      state.restore(files.checkpoint(), fingerprint);
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
      try (TargetTrainer trainer =
          new TargetTrainer(
              config,
              loader,
              inputs.validation(),
              workers,
              inputs.compute(),
              state,
              listener,
              files)) {
        return course.run(trainer, stop);
      }
    }
  }

  private static Loader loader(TargetConfig config, Dataset images) {
    Loader.Options options = Loader.Options.training(config.batch());
    return new Loader(
        images,
        options.augmented(
            config.augment()
                ? Recipe.augmentation(Architectures.of(config.architecture()), images)
                : Augmentation.none()),
        Seed.of(config.seed()).child("data"));
  }
}

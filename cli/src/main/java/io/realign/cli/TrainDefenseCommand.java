package io.realign.cli;

import io.realign.align.LossPreset;
import io.realign.align.Variant;
import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Part;
import io.realign.data.Split;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.target.VggFeatures;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import io.realign.train.Profile;
import io.realign.train.Profiles;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code realign train defense}. */
@Command(
    name = "defense",
    description =
        "Trains a generator that repairs images for a frozen target (Algorithm 1 of the paper).",
    footer = {
      "",
      "Leaves config.yaml, metrics.jsonl, TensorBoard events, checkpoint.safetensors and, from the first",
      "validation on, the best generator so far as defense.safetensors. Ctrl-C saves; --resume goes on.",
      "",
      "Example: realign train defense --target cifar-resnet20@resnet20.safetensors \\",
      "             --data cifar10 --data-dir DIR --minutes 60 --out runs/defense"
    })
final class TrainDefenseCommand implements Callable<Integer> {

  private static final int CALIBRATION_STEPS = 12;

  @Spec private CommandSpec spec;

  @Option(
      names = "--target",
      paramLabel = "ARCH@FILE",
      description = "The net to defend, such as cifar-resnet20@resnet20.safetensors.")
  private @Nullable String target;

  @Option(
      names = "--data",
      paramLabel = "NAME",
      description = "scenes, cifar10, cifar100, tiny-imagenet or folder.")
  private @Nullable String data;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The folder that holds cifar-10-batches-bin/ and so on.")
  private @Nullable Path dataDir;

  @Option(
      names = "--variant",
      paramLabel = "V",
      defaultValue = "released",
      description =
          "paper or released: whose choices where the two differ. Default: ${DEFAULT-VALUE}.")
  private String variant;

  @Option(
      names = "--loss",
      paramLabel = "L",
      defaultValue = "full",
      description =
          "full, LI, LF, LI+F, LT or LT+F: the rows of the paper's ablation. Default: ${DEFAULT-VALUE}.")
  private String loss;

  @Option(
      names = "--profile",
      paramLabel = "P",
      defaultValue = "small",
      description =
          "published or small (for two cores): sizes and schedule. Default: ${DEFAULT-VALUE}.")
  private String profile;

  @Option(
      names = "--precision",
      paramLabel = "X",
      defaultValue = "fp32",
      description = "fp32 or bf16 in forward and backward passes. Default: ${DEFAULT-VALUE}.")
  private String precision;

  @ArgGroup(exclusive = true)
  private @Nullable Length length;

  private static final class Length {
    @Option(
        names = "--epochs",
        paramLabel = "N",
        description = "Passes over the training images; may be a fraction.")
    private @Nullable Double epochs;

    @Option(
        names = "--minutes",
        paramLabel = "M",
        description = "Time to train: a few steps are timed, and the number of steps follows.")
    private @Nullable Double minutes;
  }

  @Option(
      names = "--vgg",
      paramLabel = "FILE",
      description =
          "VGG-16 or VGG-19 for the perceptual loss. Default: weights/vgg* in the data folder, if it is there.")
  private @Nullable Path vgg;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description = "auto, cpu or cuda. Default: ${DEFAULT-VALUE}.")
  private String device;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Takes everything but the target's place and the data folder from a config.yaml.")
  private @Nullable Path config;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "Time between checkpoints. Default: ${DEFAULT-VALUE}.")
  private double checkpointSeconds;

  @Option(names = "--out", paramLabel = "DIR", required = true, description = "The run's folder.")
  private Path out;

  @Option(
      names = "--resume",
      description = "Goes on from the checkpoint in --out, with the configuration there.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Starts anew in a folder that has a run.")
  private boolean overwrite;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Path configInOut = out.resolve(DefenseTraining.CONFIG);
    boolean there = Files.exists(configInOut);
    if (there && !resume && !overwrite) {
      throw new InputException(
          out + " holds a run: --resume goes on with it, --overwrite starts anew");
    }
    Optional<DefenseConfig> given = Optional.empty();
    if (resume && there) {
      given = Optional.of(Yaml.read(configInOut, DefenseConfig.class));
    } else if (config != null) {
      given = Optional.of(Yaml.read(config, DefenseConfig.class));
    }
    String targetName = named("--target", target, given.map(DefenseConfig::target));
    String dataName = named("--data", data, given.map(DefenseConfig::data));
    Compute compute = Compute.of(device, given.map(c -> c.precision().name()).orElse(precision));
    Target net = Targets.load(targetName, compute);
    Dataset images =
        Datasets.open(
            dataName,
            Optional.ofNullable(dataDir),
            Part.TRAIN,
            new Datasets.Options(0, 0, Seed.of(0)));
    images.notes().forEach(note -> err.println("note: " + note));
    if (images.imageSize() != net.imageSize() || images.classes().size() != net.classes()) {
      throw new InputException(
          "%s has %d classes and images of %d pixels, %s wants %d and %d"
              .formatted(
                  dataName,
                  images.classes().size(),
                  images.imageSize(),
                  net.name(),
                  net.classes(),
                  net.imageSize()));
    }
    Variant chosen = given.map(DefenseConfig::variant).orElseGet(() -> Variant.named(variant));
    Optional<Path> vggFile =
        DefenseOptions.vgg(
            Optional.ofNullable(vgg),
            Optional.ofNullable(dataDir),
            chosen == Variant.PAPER ? "vgg16" : "vgg19");
    Optional<VggFeatures> features = vggFile.map(file -> DefenseOptions.read(file, compute));
    Optional<DefenseConfig> settled = given;
    DefenseConfig resolved =
        settled.orElseGet(
            () -> resolve(targetName, dataName, net, images, chosen, vggFile, features, compute));
    say(err, resolved, features);
    Split split = Split.of(images, resolved.validation(), Seed.of(resolved.seed()).child("split"));
    DefenseTraining.Inputs inputs =
        new DefenseTraining.Inputs(
            net,
            new Classification(),
            split.train(),
            split.val(),
            features.map(each -> DefenseOptions.stages(each, resolved.perceptual().stages())),
            compute);
    Double minutes = given.isEmpty() && length != null ? length.minutes : null;
    DefenseConfig timed = minutes == null ? resolved : fitted(err, resolved, inputs, minutes);
    try (Interruption stop = Interruption.listen(err);
        ProgressListener progress = new ProgressListener(err)) {
      boolean done =
          DefenseTraining.run(
              timed,
              inputs,
              out,
              resume,
              Duration.ofMillis(Math.round(checkpointSeconds * 1000)),
              List.of(progress),
              stop);
      if (done) {
        spec.commandLine().getOut().println(out.resolve(DefenseTraining.DEFENSE));
      } else {
        err.println("saved; --resume goes on");
      }
      return stop.exitCode();
    }
  }

  private DefenseConfig resolve(
      String targetName,
      String dataName,
      Target net,
      Dataset images,
      Variant chosen,
      Optional<Path> vggFile,
      Optional<VggFeatures> features,
      Compute compute) {
    Profile wanted = Profile.named(profile);
    Profiles.Request request =
        new Profiles.Request(
            targetName,
            dataName,
            images.imageSize(),
            net.classes(),
            images.size(),
            chosen,
            LossPreset.named(loss),
            vggFile.map(file -> String.valueOf(file.getFileName())).orElse(""),
            features.map(each -> each.provided().stream().sorted().toList()).orElse(List.of()),
            net.trunk(),
            seed,
            compute.precision());
    double epochs =
        length != null && length.epochs != null ? length.epochs : Profiles.defaultEpochs(wanted);
    if (!(epochs > 0) || length != null && length.minutes != null && !(length.minutes > 0)) {
      throw new InputException("--epochs and --minutes must be positive");
    }
    return Profiles.resolve(wanted, request, epochs);
  }

  /** The same configuration with the steps that fit into {@code minutes}. */
  private static DefenseConfig fitted(
      PrintWriter err, DefenseConfig config, DefenseTraining.Inputs inputs, double minutes) {
    err.println("timing a few steps");
    double seconds = DefenseTraining.secondsPerStep(config, inputs, CALIBRATION_STEPS);
    long steps = Math.max(1, Math.round(minutes * 60 / seconds));
    long perEpoch = Math.max(1, inputs.train().size() / config.imagesPerStep());
    err.printf(
        "%.0f images/s: %d steps in %s minutes%n",
        config.imagesPerStep() / seconds, steps, minutes);
    return config.withSteps(steps, Math.max(1, Math.min(perEpoch, steps / 4)));
  }

  private static void say(PrintWriter err, DefenseConfig config, Optional<VggFeatures> vgg) {
    if (config.loss().pixels().isEmpty()) {
      return;
    }
    if (config.perceptual().stages().isEmpty()) {
      err.println(
          "note: no VGG weights, so the perceptual loss (2) is off; 'realign data fetch vgg19' brings them");
    } else if (config.perceptual().stages().size() < VggFeatures.STAGES) {
      err.printf(
          "note: perceptual loss (2) on stages %s of five from %s; their weights are scaled up to the sum of all%n",
          config.perceptual().stages(), config.perceptual().weights());
    }
    if (config.variant() == Variant.PAPER
        && vgg.isPresent()
        && vgg.get().depth() != VggFeatures.Depth.VGG16) {
      err.println("note: the paper's perceptual net is VGG-16; these weights are of VGG-19");
    }
  }

  private String named(String option, @Nullable String value, Optional<String> otherwise) {
    return Optional.ofNullable(value)
        .or(() -> otherwise)
        .orElseThrow(() -> new ParameterException(spec.commandLine(), "missing " + option));
  }
}

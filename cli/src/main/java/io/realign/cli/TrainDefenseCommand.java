package io.realign.cli;

import io.realign.align.LossPreset;
import io.realign.align.Variant;
import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Subset;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.VggFeatures;
import io.realign.torch.Compute;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseStart;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign train defense}. */
@Command(
    name = "defense",
    description =
        "Trains a generator that repairs images for a frozen target (Algorithm 1 of the paper).",
    footer = {
      "",
      "Leaves config.yaml, metrics.jsonl, TensorBoard events, a checkpoint and, from",
      "the first validation on, the best generator so far as defense.safetensors.",
      "Ctrl-C finishes the step and saves; --resume goes on, to the same weights.",
      "",
      "Example:",
      "  realign train defense --target cifar-resnet20@resnet20.safetensors \\",
      "      --data cifar10 --data-dir DIR --minutes 60 --out runs/defense"
    })
final class TrainDefenseCommand implements Callable<Integer> {

  private static final int CALIBRATION_STEPS = 12;

  @Spec private CommandSpec spec;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      required = true,
      description =
          "The net to defend: ARCH@FILE, such as cifar-resnet20@resnet20.safetensors, or "
              + "MODEL.yaml, which describes a TorchScript file.")
  private String target = "";

  @Mixin private TargetOptions loading = new TargetOptions();

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--variant",
      paramLabel = "V",
      defaultValue = "released",
      description =
          "paper or released: whose choices where the two differ. Default: ${DEFAULT-VALUE}.")
  private String variant = "";

  @Option(
      names = "--loss",
      paramLabel = "L",
      defaultValue = "full",
      description =
          "full, LI, LF, LI+F, LT or LT+F: the rows of the paper's ablation. Default: ${DEFAULT-VALUE}.")
  private String loss = "";

  @Option(
      names = "--profile",
      paramLabel = "P",
      defaultValue = "small",
      description =
          "published or small (for two cores): sizes and schedule. Default: ${DEFAULT-VALUE}.")
  private String profile = "";

  @ArgGroup(exclusive = true)
  private @Nullable Length length;

  private static final class Length {
    @Option(
        names = "--epochs",
        paramLabel = "N",
        description =
            "Passes over the training images, each use counted (profile small uses an "
                + "attacked image six times); may be a fraction.")
    private @Nullable Double epochs;

    @Option(
        names = "--minutes",
        paramLabel = "M",
        description =
            "Time to train: a few steps are timed, and the number of steps follows. "
                + "With --resume it stays what it was.")
    private @Nullable Double minutes;
  }

  @Option(
      names = "--start",
      paramLabel = "FILE",
      description =
          "A defense.safetensors to train on, as for more passes or for another target; "
              + "its generator must be the configuration's. Default: a new one.")
  private @Nullable Path start;

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
      description = "The root of all random draws. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Takes variant, loss, profile and all constants from a config.yaml; target, "
              + "data, --seed and the length may be others.")
  private @Nullable Path config;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "N",
      defaultValue = "60",
      description = "Time between checkpoints. Default: ${DEFAULT-VALUE}.")
  private double checkpointSeconds;

  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private RunFolder run = new RunFolder();

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    checkNumbers();
    Path out = run.check();
    Optional<DefenseConfig> given = given();
    Compute compute =
        given.map(base -> computing.compute(base.precision())).orElseGet(() -> computing.compute());
    Optional<DefenseStart> from =
        Optional.ofNullable(start).map(file -> DefenseStart.read(file, compute));
    given.ifPresent(base -> from.ifPresent(earlier -> earlier.check(base.generator())));
    TargetName named = new TargetName(target);
    Target net = loading.load(named, compute, err);
    Datasets.Training images = data.training(net.imageSize(), net.task().labelling(), err);
    TargetOptions.checkClasses(net, images.train(), err);
    double repeatBelow = given.map(DefenseConfig::repeatBelow).orElse(data.repeatBelow());
    Dataset train = DataOptions.repeated(repeatBelow, images.train(), wantedSeed(given), err);
    int there = net.task().classes(train).size();
    if (there != net.classes()) {
      throw new InputException(
          "%s has %d classes, %s tells %d apart"
              .formatted(data.name(), there, net.name(), net.classes()));
    }
    Variant chosen = given.map(DefenseConfig::variant).orElseGet(() -> Variant.named(variant));
    Optional<Path> vggFile =
        DefenseOptions.vgg(
            Optional.ofNullable(vgg), data.folder(), chosen == Variant.PAPER ? "vgg16" : "vgg19");
    Optional<VggFeatures> features = vggFile.map(file -> DefenseOptions.read(file, compute));
    DefenseConfig wanted =
        given
            .map(base -> adapted(base, train))
            .orElseGet(() -> resolved(net, train, chosen, vggFile, features, compute));
    DefenseTraining.Inputs inputs =
        new DefenseTraining.Inputs(
            net,
            named.sha256(),
            net.task(),
            train,
            Subset.first(images.val(), wanted.validation()),
            features.map(each -> DefenseOptions.stages(each, wanted.perceptual().stages())),
            compute,
            from);
    DefenseTraining.check(wanted, inputs);
    DefenseConfig settled = settled(err, wanted, inputs, out);
    from.ifPresent(earlier -> err.println("starting from " + earlier.origin()));
    say(err, settled, features);
    run.clear();
    try (Interruption stop = Interruption.listen(err);
        ProgressListener progress = new ProgressListener(err)) {
      boolean done =
          DefenseTraining.run(
              settled,
              inputs,
              out,
              run.resume(),
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

  private void checkNumbers() {
    if (length != null
        && (length.epochs != null && !(length.epochs > 0)
            || length.minutes != null && !(length.minutes > 0))) {
      throw new InputException("--epochs and --minutes must be positive");
    }
    if (!(checkpointSeconds >= 0)) {
      throw new InputException("--checkpoint-seconds must not be negative: " + checkpointSeconds);
    }
  }

  /** The configuration of {@code --config}; options that it decides may not be there too. */
  private Optional<DefenseConfig> given() {
    if (config == null) {
      return Optional.empty();
    }
    for (String option :
        List.of("--variant", "--loss", "--profile", "--precision", "--repeat-below")) {
      if (isThere(option)) {
        throw new InputException(option + " and --config exclude each other: the file decides it");
      }
    }
    return Optional.of(Yaml.read(config, DefenseConfig.class));
  }

  private long wantedSeed(Optional<DefenseConfig> base) {
    return isThere("--seed") || base.isEmpty() ? seed : base.get().seed();
  }

  private boolean isThere(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  private DefenseConfig adapted(DefenseConfig base, Dataset train) {
    DefenseConfig here = base.on(targetName(), data.name(), wantedSeed(Optional.of(base)));
    return length == null || length.epochs == null
        ? here
        : here.withEpochs(length.epochs, train.size());
  }

  private DefenseConfig resolved(
      Target net,
      Dataset train,
      Variant chosen,
      Optional<Path> vggFile,
      Optional<VggFeatures> features,
      Compute compute) {
    Profile wanted = Profile.named(profile);
    Profiles.Request request =
        new Profiles.Request(
            targetName(),
            data.name(),
            train.imageSize(),
            net.classes(),
            train.size(),
            chosen,
            LossPreset.named(loss),
            vggFile.map(file -> String.valueOf(file.getFileName())).orElse(""),
            features.map(each -> each.provided().stream().sorted().toList()).orElse(List.of()),
            net.trunk(),
            seed,
            compute.precision(),
            net.task().labelling());
    double epochs =
        length != null && length.epochs != null ? length.epochs : Profiles.defaultEpochs(wanted);
    return Profiles.resolve(wanted, request, epochs).repeating(data.repeatBelow());
  }

  /** The configuration of the run that is resumed, or the one that is wanted, fitted. */
  private DefenseConfig settled(
      PrintWriter err, DefenseConfig wanted, DefenseTraining.Inputs inputs, Path out) {
    Double minutes = length == null ? null : length.minutes;
    Path file = out.resolve(DefenseTraining.CONFIG);
    if (!run.resume() || !Files.exists(file)) {
      return minutes == null ? wanted : fitted(err, wanted, inputs, minutes);
    }
    DefenseConfig there = Yaml.read(file, DefenseConfig.class);
    DefenseConfig same =
        minutes == null
            ? wanted
            : wanted.withSteps(there.optimiser().schedule().steps(), there.validateEvery());
    List<String> differences = Yaml.differences(there, same);
    if (!differences.isEmpty()) {
      throw new InputException(
          "--resume needs the options of the first start: " + String.join("; ", differences));
    }
    return there;
  }

  /** The same configuration with the steps that fit into {@code minutes}. */
  private static DefenseConfig fitted(
      PrintWriter err, DefenseConfig config, DefenseTraining.Inputs inputs, double minutes) {
    err.println("timing a few steps");
    err.flush();
    double seconds = DefenseTraining.secondsPerStep(config, inputs, CALIBRATION_STEPS);
    long steps = Math.max(1, Math.round(minutes * 60 / seconds));
    err.printf(
        "%.0f images/s: %d steps in %s minutes%n",
        config.imagesPerStep() / seconds, steps, minutes);
    return config.lasting(steps, inputs.train().size());
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

  private String targetName() {
    return new TargetName(target).withoutFolder();
  }
}

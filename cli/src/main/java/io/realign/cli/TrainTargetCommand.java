package io.realign.cli;

import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Labelling;
import io.realign.data.Subset;
import io.realign.io.InputException;
import io.realign.nn.StateDict;
import io.realign.target.Architecture;
import io.realign.target.Architectures;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.train.Recipe;
import io.realign.train.Start;
import io.realign.train.TargetConfig;
import io.realign.train.TargetTraining;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign train target}: trains a classifier from scratch. */
@Command(
    name = "target",
    description = {
      "Trains a net from scratch, to be defended: a classifier, a segmentation net or",
      "a detector.",
      "",
      "SGD with Nesterov's momentum, one cycle of the learning rate (up over a sixth",
      "of the run, down to 0 over the rest; for pspnet-resnet50 and",
      "deeplabv3-resnet50 down by the power .9, with tenfold rates in their heads, as",
      "published: give them a backbone by --start), images shifted and flipped (with",
      "masks and boxes also scaled, with masks turned, with boxes in other light),",
      "one training image in twenty held out to choose the weights that are kept. The",
      "folder then holds target.safetensors, which other commands take as --target",
      "ARCH@FILE, metrics.jsonl, config.yaml and a checkpoint. Ctrl-C finishes the",
      "step and saves; --resume goes on, to the same weights."
    },
    footer = {
      "",
      "Example:",
      "  realign train target --arch wrn-16-4 --data cifar10 --data-dir DIR \\",
      "      --epochs 30 --out runs/wrn-16-4"
    })
final class TrainTargetCommand implements Callable<Integer> {

  private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(60);

  @Spec private CommandSpec spec;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      required = true,
      completionCandidates = Names.class,
      description = "The kind of net: ${COMPLETION-CANDIDATES}; D depth, K width.")
  private String architecture = "";

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      defaultValue = "0",
      description = "Height and width of the images; default: the dataset's own.")
  private int imageSize;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Trains on the first N images only; default: all.")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Passes over the training images; default: 30, for masks 60, for boxes 100; "
              + "for the nets on ResNet-50 50, for ssd300-vgg16 230, rfbnet300-vgg16 300.")
  private @Nullable Double epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Images a step; default: 128, for masks 16, for boxes 32. On the CPU two "
              + "halves, each normalised by itself, run beside each other.")
  private @Nullable Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "The highest learning rate; default: .1, for masks .02, for boxes .01; "
              + "for the nets on ResNet-50 .01, for ssd300-vgg16 .001, rfbnet300-vgg16 .004.")
  private @Nullable Double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "L",
      description = "Default: 5e-4, for masks 1e-4. Not on biases and batch norm.")
  private @Nullable Double weightDecay;

  @Option(
      names = "--label-smoothing",
      paramLabel = "S",
      description =
          "The share of a label that is spread over all classes; default: .1 where "
              + "an image has one class, 0 for masks and boxes.")
  private @Nullable Double labelSmoothing;

  @Option(
      names = "--start",
      paramLabel = "FILE",
      description =
          "Weights to start from: all tensors of the file whose name and shape are the "
              + "net's, such as those of a trained backbone; names of the published file "
              + "are understood where the net has one. Default: random ones.")
  private @Nullable Path start;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The root of all random draws; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private RunFolder run = new RunFolder();

  /** The names that may be given. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Architectures.names().iterator();
    }
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    Architecture kind = Architectures.of(architecture); // before anything slow
    Recipe recipe = recipe(Recipe.of(kind));
    Compute compute = computing.compute();
    Path out = run.check();
    int size =
        imageSize == 0 && kind.labelling() != Labelling.CLASSES ? kind.imageSize() : imageSize;
    Datasets.Training images = data.training(size, kind.labelling(), err);
    kind.forImages(images.train().imageSize()); // before every image is read
    Dataset train =
        DataOptions.repeated(data.repeatBelow(), Subset.first(images.train(), limit), seed, err);
    Dataset validation = images.val();
    TargetConfig config = config(kind, recipe, train, validation, compute);
    TargetTraining.Inputs inputs =
        new TargetTraining.Inputs(
            train,
            validation,
            compute,
            Optional.ofNullable(start).map(file -> Start.read(file, kind.naming())));
    TargetTraining.check(config, inputs);
    inputs.start().ifPresent(weights -> tell(weights, config, err));
    run.clear();
    try (Interruption stop = Interruption.listen(err)) {
      boolean done =
          TargetTraining.run(
              config,
              inputs,
              out,
              run.resume(),
              CHECKPOINT_EVERY,
              List.of(new ProgressListener(err)),
              stop);
      if (done) {
        spec.commandLine()
            .getOut()
            .println(architecture + "@" + out.resolve(TargetTraining.TARGET) + " is ready");
        return ExitCode.DONE;
      }
      err.println("saved; --resume goes on");
      return stop.exitCode();
    }
  }

  private static void tell(Start start, TargetConfig config, PrintWriter err) {
    try (Scope scope = Scope.open()) {
      StateDict net =
          Targets.trainable(
                  config.architecture(), config.classes(), Seed.of(config.seed()), Compute.CPU)
              .params()
              .dict();
      err.println(
          "starting from %s: %d of the net's %d tensors are there"
              .formatted(start.origin(), start.fitting(net).size(), net.names().size()));
      err.flush();
    }
  }

  /** The usual one, with what the user says otherwise. */
  private Recipe recipe(Recipe usual) {
    Recipe mine =
        new Recipe(
            epochs == null ? usual.epochs() : epochs,
            batch == null ? usual.batch() : batch,
            learningRate == null ? usual.learningRate() : learningRate,
            weightDecay == null ? usual.weightDecay() : weightDecay,
            labelSmoothing == null ? usual.labelSmoothing() : labelSmoothing,
            usual.decay(),
            usual.headFactor());
    if (!(mine.epochs() > 0)) {
      throw new InputException("--epochs must be above 0, not " + mine.epochs());
    }
    if (mine.batch() < 2) {
      throw new InputException("--batch must be at least 2, not " + mine.batch());
    }
    return mine;
  }

  private TargetConfig config(
      Architecture kind, Recipe recipe, Dataset train, Dataset validation, Compute compute) {
    int shards = compute.kind() == Compute.Kind.CPU && recipe.batch() % 2 == 0 ? 2 : 1;
    long perEpoch = Math.max(1, train.size() / recipe.batch());
    long steps = Math.max(1, Math.round(recipe.epochs() * perEpoch));
    return new TargetConfig(
        architecture,
        data.name(),
        train.imageSize(),
        (kind.labelling() == Labelling.MASKS ? train.maskClasses() : train.classes()).size(),
        train.size(),
        validation.size(),
        recipe.optimiser(steps),
        data.repeatBelow(),
        recipe.labelSmoothing(),
        true,
        recipe.batch() / shards,
        shards,
        Math.min(perEpoch, steps),
        seed,
        compute.precision());
  }
}

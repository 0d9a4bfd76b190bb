package io.realign.cli;

import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Labelling;
import io.realign.data.Subset;
import io.realign.io.InputException;
import io.realign.target.Architecture;
import io.realign.target.Architectures;
import io.realign.torch.Compute;
import io.realign.train.TargetConfig;
import io.realign.train.TargetTraining;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
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
      "SGD with Nesterov's momentum, one cycle of the learning rate (up over a",
      "sixth of the run, down to 0 over the rest), images shifted and flipped (with",
      "masks and boxes also scaled, with masks turned, with boxes in other light),",
      "one training image in twenty held out to choose the weights that are kept.",
      "The folder then holds target.safetensors, which other commands take as",
      "--target ARCH@FILE, metrics.jsonl, config.yaml and a checkpoint.",
      "Ctrl-C finishes the step and saves; --resume goes on, to the same weights."
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
      defaultValue = "30",
      description = "Passes over the training images; default: ${DEFAULT-VALUE}.")
  private double epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "128",
      description = {
        "Images a step; default: ${DEFAULT-VALUE}. On the CPU two halves, each",
        "normalised by itself, run beside each other."
      })
  private int batch;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      defaultValue = "0.1",
      description = "The highest learning rate; default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--weight-decay",
      paramLabel = "L",
      defaultValue = "5e-4",
      description = {
        "Default: ${DEFAULT-VALUE}. Not on biases and batch norm.",
      })
  private double weightDecay;

  @Option(
      names = "--label-smoothing",
      paramLabel = "S",
      defaultValue = "0.1",
      description = {
        "The share of a label that is spread over all classes;",
        "default: ${DEFAULT-VALUE}; 0 for none."
      })
  private double labelSmoothing;

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
    if (!(epochs > 0)) {
      throw new InputException("--epochs must be above 0, not " + epochs);
    }
    if (batch < 2) {
      throw new InputException("--batch must be at least 2, not " + batch);
    }
    Compute compute = computing.compute();
    Path out = run.check();
    Architecture kind = Architectures.of(architecture); // before anything slow
    int size =
        imageSize == 0 && kind.labelling() != Labelling.CLASSES ? kind.imageSize() : imageSize;
    Datasets.Training images = data.training(size, kind.labelling(), err);
    Dataset train = Subset.first(images.train(), limit);
    Dataset validation = images.val();
    kind.forImages(train.imageSize());
    TargetConfig config = config(kind, train, validation, compute);
    TargetTraining.Inputs inputs = new TargetTraining.Inputs(train, validation, compute);
    TargetTraining.check(config, inputs);
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

  private TargetConfig config(
      Architecture kind, Dataset train, Dataset validation, Compute compute) {
    int shards = compute.kind() == Compute.Kind.CPU && batch % 2 == 0 ? 2 : 1;
    long perEpoch = Math.max(1, train.size() / batch);
    long steps = Math.max(1, Math.round(epochs * perEpoch));
    return new TargetConfig(
        architecture,
        data.name(),
        train.imageSize(),
        (kind.labelling() == Labelling.MASKS ? train.maskClasses() : train.classes()).size(),
        train.size(),
        validation.size(),
        TargetConfig.Optimiser.oneCycle(learningRate, weightDecay, steps),
        labelSmoothing,
        true,
        batch / shards,
        shards,
        Math.min(perEpoch, steps),
        seed,
        compute.precision());
  }
}

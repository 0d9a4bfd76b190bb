package io.realign.cli;

import io.realign.align.DefenseOrigin;
import io.realign.evaluate.Result;
import io.realign.export.ExportFormat;
import io.realign.export.ExportedNet;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.report.OwnResults;
import io.realign.report.ResultsJson;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.torch.Compute;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign export}: writes a trained defense for other runtimes. */
@Command(
    name = "export",
    description = "Writes a trained defense as TorchScript, ONNX or safetensors.",
    footer = {
      "",
      "The file takes images [N,3,H,W] in [0,1], RGB, and repairs them; with",
      "--target it holds the defense and the target in one and gives the target's",
      "outputs. Shapes and what was trained on what are in its metadata.",
      "",
      "TorchScript is only written if the file, read back, gives Realign's outputs",
      "on random images. ONNX is only written if the same program as TorchScript",
      "does: the graph itself is not run here. Safetensors are the weights as they",
      "are. A TorchScript target can be put behind the defense as TorchScript only.",
      "",
      "Examples:",
      "  realign export runs/defense/defense.safetensors --out defense.onnx",
      "  realign export runs/defense/defense.safetensors --format torchscript \\",
      "      --target cifar-resnet20@resnet20.safetensors --out defended.pt"
    })
final class ExportCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "A defense.safetensors of 'train defense'.")
  private Path defense = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "F",
      description = "safetensors, torchscript or onnx; default: by the ending of --out.")
  private @Nullable String format;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      description =
          "Put the defense in front of this net: ARCH@FILE, or MODEL.yaml, which describes a "
              + "TorchScript file.")
  private @Nullable String target;

  @Mixin private final TargetOptions loading = new TargetOptions();

  @ArgGroup(exclusive = true)
  private @Nullable Measured measured;

  private static final class Measured {
    @Option(
        names = "--results",
        paramLabel = "FILE",
        description =
            "A results.json of 'evaluate' whose records of what is exported go into the metadata. "
                + "Default: the one beside the defense, if it holds some.")
    private @Nullable Path results;

    @Option(names = "--no-results", description = "No records in the metadata.")
    private boolean none;
  }

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The file to write.")
  private Path out = Path.of("");

  @Option(names = "--overwrite", description = "Replace a file of this name.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ExportFormat kind = format == null ? ExportFormat.of(out) : ExportFormat.parse(format);
    if (Files.exists(out) && !overwrite) {
      throw new InputException(out + " is there already: another --out, or --overwrite");
    }
    Optional<TargetName> named = Optional.ofNullable(target).map(TargetName::new);
    PrintWriter err = spec.commandLine().getErr();
    Optional<Target> net = named.map(name -> loading.load(name, Compute.CPU, err));
    ExportedNet exported = ExportedNet.read(defense, net);
    Optional<String> sum = named.map(TargetName::sha256);
    sum.ifPresent(each -> TargetOptions.tellOfAnother(defense, each, err));
    Map<String, String> more = new TreeMap<>();
    named.ifPresent(name -> more.putAll(inside(name, net.orElseThrow(), sum.orElseThrow())));
    List<Result> records = records(sum, note -> err.println("note: " + note));
    if (!records.isEmpty()) {
      more.put(ExportedNet.RESULTS, ResultsJson.text(records));
    }
    err.flush();
    ExportedNet.Written written;
    try (UnitProgress progress = new UnitProgress(err, "comparing")) {
      written = exported.write(out, kind, more, progress::advanced);
    }
    spec.commandLine()
        .getOut()
        .println(
            String.format(
                Locale.ROOT,
                "%s: %s, %s to %s; %s",
                out,
                kind.text(),
                written.signature().imagesText(),
                written.signature().outputsText(),
                checked(kind, written)));
    return ExitCode.DONE;
  }

  private static String checked(ExportFormat kind, ExportedNet.Written written) {
    String apart =
        written
            .parity()
            .map(
                parity ->
                    String.format(
                        Locale.ROOT,
                        "at most %.1e from ours on %d random images",
                        parity.largest(),
                        parity.images()))
            .orElse("not run");
    return switch (kind) {
      case SAFETENSORS -> "the weights as they are, nothing was run";
      case TORCHSCRIPT -> "the file, read back, is " + apart;
      case ONNX ->
          "the same program as TorchScript is %s, the graph itself was not run".formatted(apart);
    };
  }

  /** What is told of the target inside, which need not be the one that the defense was made for. */
  private Map<String, String> inside(TargetName name, Target net, String sum) {
    Map<String, String> told = new TreeMap<>();
    told.put("target_inside", name.withoutFolder());
    told.put("target_inside_sha256", sum);
    DefenseOrigin origin = DefenseOrigin.read(defense);
    String classes = origin.metadata().get(DefenseOrigin.CLASS_NAMES);
    if (classes != null
        && net.classNames().isEmpty()
        && origin.trainedFor().equals(Optional.of(sum))) {
      told.put(DefenseOrigin.CLASS_NAMES, classes);
    }
    return told;
  }

  /** The records of what is exported: of {@code --results}, else of those beside the defense. */
  private List<Result> records(Optional<String> targetSum, Consumer<String> notes) {
    if (measured != null && measured.none) {
      return List.of();
    }
    OwnResults own = new OwnResults(targetSum, Optional.of(Checksum.sha256(defense)));
    if (measured != null && measured.results != null) {
      return own.read(measured.results, notes);
    }
    List<Result> beside = own.beside(defense, List.of(ResultsJson.FILE), notes);
    if (!beside.isEmpty()) {
      notes.accept(
          "%d records of %s go into the metadata; --no-results leaves them out"
              .formatted(beside.size(), defense.resolveSibling(ResultsJson.FILE)));
    }
    return beside;
  }
}

package io.realign.cli;

import io.realign.data.Part;
import io.realign.evaluate.Evaluation;
import io.realign.io.AtomicFile;
import io.realign.io.Build;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.report.HtmlReport;
import io.realign.report.ResultTable;
import io.realign.torch.Compute;
import io.realign.train.DefenseTraining;
import io.realign.train.TargetTraining;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign quickstart}. */
@Command(
    name = "quickstart",
    description = {
      "Trains a net and a defense on drawn scenes, attacks both, reports.",
      "",
      "Needs no download and six to eight minutes on two cores. If it is stopped,",
      "the same command goes on where it was."
    })
final class QuickstartCommand implements Callable<Integer> {

  private static final String PLAN = "quickstart.yaml";

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/quickstart",
      description = "The folder for all that it leaves; default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "The root of all random draws; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--task",
      paramLabel = "T",
      defaultValue = "classification",
      description = "classification, segmentation or detection; default: ${DEFAULT-VALUE}.")
  private String task = "classification";

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description =
          "About how long it may take on two cores, 4 or more; the "
              + "defense is trained for what the rest leaves. Default: 6, "
              + "for segmentation 7, for detection 8.")
  private @Nullable Double minutes;

  @Option(
      names = "--scale",
      paramLabel = "X",
      defaultValue = "1",
      hidden = true,
      description = "Does X times as much.")
  private double scale;

  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Override
  public Integer call() {
    if (!(scale > 0 && scale <= 100)) {
      throw new InputException("--scale must be above 0 and at most 100, not " + scale);
    }
    QuickstartKind kind = QuickstartKind.of(task);
    double time = minutes == null ? kind.minutes() : minutes;
    if (!(time >= 4 && time <= 10_000)) {
      throw new InputException("--minutes must be 4 to 10000, not " + time);
    }
    PrintWriter err = spec.commandLine().getErr();
    PrintWriter console = spec.commandLine().getOut();
    Compute compute = computing.compute();
    Quickstart.Plan plan =
        scale == 1
            ? Quickstart.Plan.lasting(kind, time, seed)
            : Quickstart.Plan.scaled(kind, scale, seed);
    claim(plan, compute);
    try (Interruption stop = Interruption.listen(err)) {
      Quickstart quickstart = new Quickstart(plan, out, compute, err, stop);
      Optional<Evaluation> found = quickstart.run();
      if (found.isEmpty()) {
        err.println("stopped; the same command goes on");
        return stop.exitCode();
      }
      console.print(ResultTable.text(found.get().results()));
      console.println();
      next(console, kind, quickstart);
      console.flush();
    }
    return ExitCode.DONE;
  }

  /** What the contents of the folder depend on. */
  record Claim(String commit, Compute.Precision precision, Quickstart.Plan plan) {}

  /** Makes sure that what the folder holds came from the same options. */
  private void claim(Quickstart.Plan plan, Compute compute) {
    Claim claim = new Claim(Build.current().commit(), compute.precision(), plan);
    Path file = out.resolve(PLAN);
    if (Files.exists(file)) {
      if (!holds(file, claim)) {
        throw new InputException(
            out
                + " holds a quickstart of another version or with other options: give another --out, or delete it");
      }
      return;
    }
    OutputFolder.check(out, false);
    AtomicFile.writeString(file, Yaml.write(claim));
  }

  private static boolean holds(Path file, Claim claim) {
    try {
      return Yaml.read(file, Claim.class).equals(claim);
    } catch (InputException otherVersion) { // which wrote more or less than this one reads
      return false;
    }
  }

  private void next(PrintWriter console, QuickstartKind kind, Quickstart quickstart) {
    String target =
        kind.architecture() + "@" + quickstart.targetFolder().resolve(TargetTraining.TARGET);
    Path defense = quickstart.defenseFolder().resolve(DefenseTraining.DEFENSE);
    console.println("report: " + out.resolve(HtmlReport.FILE));
    console.println();
    console.println("Next:");
    console.println("  other attacks on the same pair");
    console.println("    realign evaluate --target " + target + " \\");
    console.println("        --defense " + defense + " \\");
    console.println(
        "        --data %s --limit %d --attacks fgsm,bim --out runs/measured"
            .formatted(kind.scenes(Part.TEST).name(), kind.whole(seed).test()));
    console.println("  a defense for a net of yours");
    console.println("    realign train defense --help");
  }
}

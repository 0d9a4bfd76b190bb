package io.realign.cli;

import io.realign.align.DefenseFile;
import io.realign.attack.Attack;
import io.realign.data.Dataset;
import io.realign.evaluate.Defense;
import io.realign.evaluate.Evaluation;
import io.realign.evaluate.EvaluationPlan;
import io.realign.evaluate.Evaluator;
import io.realign.evaluate.Threat;
import io.realign.io.AtomicFile;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.report.HtmlReport;
import io.realign.report.MetricsLog;
import io.realign.report.Provenances;
import io.realign.report.ReportContent;
import io.realign.report.ResultTable;
import io.realign.report.ResultsJson;
import io.realign.report.RunReport;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.Workers;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign evaluate}: attacks a target, bare and defended, and reports what holds. */
@Command(
    name = "evaluate",
    description = "Attacks a target, bare and defended, and reports what holds.",
    footer = {
      "",
      "Attacks: fgsm, bim, pgd, pgd-kl, margin; their defaults are the paper's test attacks.",
      "Threats: oblivious attackers know the target alone, adaptive ones the defense too.",
      "",
      "Example:",
      "  realign evaluate --target cifar-resnet20@resnet20.safetensors \\",
      "      --defense runs/defense/defense.safetensors --data cifar10 --data-dir DIR \\",
      "      --attacks pgd,margin --fail-under pgd:adaptive=30% --out runs/measured"
    })
final class EvaluateCommand implements Callable<Integer> {

  @Option(
      names = "--target",
      required = true,
      paramLabel = "ARCH@FILE",
      description = "The net under attack: architecture and weight file.")
  private String target = "";

  @Option(
      names = "--defense",
      paramLabel = "FILE",
      defaultValue = "none",
      description = "A file of 'train defense', or none; default: none.")
  private String defense = "none";

  @Mixin private final MeasuredImages data = new MeasuredImages();

  @Option(
      names = "--attacks",
      paramLabel = "LIST",
      defaultValue = "pgd,pgd-kl,margin",
      description = "Names with commas between them; default: ${DEFAULT-VALUE}.")
  private String attacks = "";

  @Option(
      names = "--threats",
      paramLabel = "LIST",
      defaultValue = "oblivious,adaptive",
      description = "What attackers know; default: ${DEFAULT-VALUE}.")
  private String threats = "";

  @Mixin private final AttackOptions constants = new AttackOptions();

  @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of all draws.")
  private long seed;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description = "auto, cpu or cuda; default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images attacked together; the draws depend on it.")
  private @Nullable Integer batch;

  @Option(
      names = "--round8",
      description = "Score attacked images in 8 bits, rounded towards the clean ones.")
  private boolean round8;

  @Option(
      names = "--fail-under",
      paramLabel = "ATTACK:THREAT=VALUE",
      description = "Exit code 1 below this accuracy; also clean=VALUE; 0..1, or with %%.")
  private List<String> gates = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Takes results.json and report.html.")
  private Path out = Path.of("");

  @Option(names = "--overwrite", description = "Replace these files where DIR holds some.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    OutputFolder.check(out, overwrite);
    Set<Threat> asked = Words.threats(threats);
    List<Attack> chosen = constants.named(attacks);
    List<Gate> limits = gates.stream().map(Gate::parse).toList();
    limits.forEach(gate -> gate.check(chosen, asked));
    Compute compute = Compute.of(device, "fp32");
    Target net = Targets.load(target, compute);
    Path weights = Path.of(target.substring(target.indexOf('@') + 1));
    Optional<Defense> repaired = defense(compute);
    Dataset images = data.open(net.imageSize());
    EvaluationPlan.Settings usual = EvaluationPlan.Settings.standard(net.imageSize(), compute);
    EvaluationPlan plan =
        new EvaluationPlan(
            net,
            Checksum.sha256(weights),
            repaired,
            new Classification(),
            images,
            data.split(),
            chosen,
            asked,
            new EvaluationPlan.Settings(batch == null ? usual.batch() : batch, round8, compute),
            Provenances.current(seed));
    images.notes().forEach(note -> err.println("note: " + note));
    Evaluator evaluator = new Evaluator(plan);
    Optional<Evaluation> found;
    try (Interruption stop = Interruption.listen(err);
        UnitProgress progress = new UnitProgress(err, "evaluating");
        Workers workers = Workers.forJobs(evaluator.batches())) {
      found = evaluator.run(workers, progress::advanced, stop);
    }
    if (found.isEmpty()) {
      err.println("stopped; nothing was written");
      return ExitCode.INTERRUPTED;
    }
    write(plan, found.get());
    return verdict(found.get(), limits);
  }

  private Optional<Defense> defense(Compute compute) {
    if (defense.equals("none")) {
      return Optional.empty();
    }
    Path file = Path.of(defense);
    String name = String.valueOf(file.getFileName());
    return Optional.of(new Defense(name, DefenseFile.read(file, compute), Checksum.sha256(file)));
  }

  private void write(EvaluationPlan plan, Evaluation found) {
    ResultsJson.write(out.resolve(ResultsJson.FILE), found.results());
    String page = HtmlReport.text(content(plan, found));
    AtomicFile.writeString(out.resolve(HtmlReport.FILE), page);
  }

  private ReportContent content(EvaluationPlan plan, Evaluation found) {
    Path training = Path.of(defense).toAbsolutePath().resolveSibling("");
    boolean trained = plan.defense().isPresent() && isTraining(training);
    String yaml = Yaml.write(settings(plan));
    if (trained) {
      yaml += "\n# the training of the defense\n" + RunReport.config(training);
    }
    ReportContent content =
        RunReport.of(
            plan.defense().map(d -> d.name() + " in front of ").orElse("") + plan.target().name(),
            found,
            plan.dataset().classes(),
            yaml,
            plan.dataset().notes(),
            seed);
    if (trained && Files.exists(training.resolve(MetricsLog.FILE))) {
      content = content.withMetrics(MetricsLog.read(training.resolve(MetricsLog.FILE)));
    }
    return content;
  }

  /** Whether the files beside the defense are those of its training. */
  private boolean isTraining(Path folder) {
    Path config = folder.resolve(DefenseTraining.CONFIG);
    if (!Files.exists(config)) {
      return false;
    }
    try {
      Yaml.read(config, DefenseConfig.class);
      if (Files.exists(folder.resolve(MetricsLog.FILE))) {
        MetricsLog.read(folder.resolve(MetricsLog.FILE));
      }
      return true;
    } catch (InputException e) {
      spec.commandLine().getErr().println("note: left out of the report: " + e.getMessage());
      return false;
    }
  }

  /** The resolved configuration; files without their folders. */
  private Map<String, Object> settings(EvaluationPlan plan) {
    Map<String, Object> settings = new LinkedHashMap<>();
    int at = target.indexOf('@');
    settings.put(
        "target", target.substring(0, at + 1) + Path.of(target.substring(at + 1)).getFileName());
    settings.put("defense", plan.defense().map(Defense::name).orElse("none"));
    settings.put("data", plan.dataset().name());
    settings.put("split", plan.split());
    settings.put("images", plan.dataset().size());
    Map<String, Object> named = new LinkedHashMap<>();
    plan.attacks().forEach(attack -> named.put(attack.name(), attack.parameters()));
    settings.put("attacks", named);
    settings.put("threats", plan.threats().stream().map(Words::of).toList());
    settings.put("seed", seed);
    settings.put("batch", plan.settings().batch());
    settings.put("round8", round8);
    settings.put("device", plan.settings().compute().kind());
    return settings;
  }

  private int verdict(Evaluation found, List<Gate> limits) {
    PrintWriter console = spec.commandLine().getOut();
    console.print(ResultTable.text(found.results()));
    console.println();
    console.println("report: " + out.resolve(HtmlReport.FILE));
    console.flush();
    List<String> failed =
        limits.stream().flatMap(gate -> gate.failure(found.results()).stream()).toList();
    if (!failed.isEmpty()) {
      spec.commandLine().getErr().println("realign: --fail-under: " + String.join("; ", failed));
      return ExitCode.FAILED;
    }
    return ExitCode.DONE;
  }
}

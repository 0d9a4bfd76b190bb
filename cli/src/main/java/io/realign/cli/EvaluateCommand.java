package io.realign.cli;

import io.realign.align.DefenseFile;
import io.realign.attack.Attack;
import io.realign.attack.Pgd;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.defense.Chain;
import io.realign.defense.Purifier;
import io.realign.defense.Purifiers;
import io.realign.evaluate.AttackedImages;
import io.realign.evaluate.Defense;
import io.realign.evaluate.Evaluation;
import io.realign.evaluate.EvaluationPlan;
import io.realign.evaluate.Evaluator;
import io.realign.evaluate.MaskingProbe;
import io.realign.evaluate.MaskingSign;
import io.realign.evaluate.Result;
import io.realign.evaluate.Sweep;
import io.realign.evaluate.Threat;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.report.HtmlReport;
import io.realign.report.MaskingSection;
import io.realign.report.Provenances;
import io.realign.report.ResultTable;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.task.AveragePrecision;
import io.realign.torch.Compute;
import io.realign.torch.Workers;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
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
      "Attacks of the paper: pgd, pgd-kl, margin (the defaults), fgsm, bim, deepfool,",
      "cw-l2-clip; stronger: apgd-ce, apgd-dlr, apgd-t, fab, fab-t, square,",
      "autoattack, autoattack-plus, autoattack-rand; smallest change: cw-l2, cw-linf;",
      "for other nets: mi-fgsm, di-fgsm, ti-fgsm; decisions alone: hopskipjump.",
      "On masks: bim, seg-js (the defaults), pgd, seg-deepfool, seg-cw, seg-masked,",
      "segpgd, cospgd, dag; strongest: sea, apgd-ce. On boxes: cls, loc, cls+loc (the",
      "defaults), pgd, bim, dag.",
      "Threats: oblivious attackers know the target alone, adaptive ones the defense",
      "too, black-box ones neither, but the surrogate. For transfer, give a --target",
      "that the defense was not trained for.",
      "",
      "Example:",
      "  realign evaluate --target cifar-resnet20@resnet20.safetensors \\",
      "      --defense runs/defense/defense.safetensors --data cifar10 --data-dir DIR \\",
      "      --attacks pgd,margin --fail-under pgd:adaptive=30%% --out runs/measured"
    })
final class EvaluateCommand implements Callable<Integer> {

  @Option(
      names = "--target",
      required = true,
      paramLabel = "TARGET",
      description =
          "The net under attack: ARCH@FILE, architecture and weight file, or MODEL.yaml, "
              + "which describes a TorchScript file.")
  private String target = "";

  @Option(
      names = "--defense",
      paramLabel = "FILE",
      defaultValue = "none",
      description = "A file of 'train defense', or none; default: none.")
  private String defense = "none";

  @Option(
      names = "--surrogate",
      paramLabel = "TARGET",
      description = "The net whose gradients a black-box attacker has.")
  private @Nullable String surrogate;

  @Option(
      names = "--then",
      paramLabel = "PURIFIER",
      description =
          "A purifier behind the defense: jpeg:QUALITY. May be there several times. "
              + "Adaptive attackers go through it as if it were not there (BPDA).")
  private List<String> then = new ArrayList<>();

  @Mixin private final TargetOptions loading = new TargetOptions();

  @Mixin private final MeasuredImages data = new MeasuredImages();

  @Option(
      names = "--attacks",
      paramLabel = "LIST",
      description =
          "Names with commas between them; default: the usual ones of the task, see below.")
  private @Nullable String attacks;

  @Option(
      names = "--average-precision",
      paramLabel = "FORM",
      description =
          "For boxes: 11-point, as VOC2007, or area, as VOC from 2010 on. Default: the "
              + "data set's own, which is area but for voc2007 and voc0712.")
  private @Nullable String averagePrecision;

  @Option(
      names = "--threats",
      paramLabel = "LIST",
      defaultValue = "oblivious,adaptive",
      description = "What attackers know; default: ${DEFAULT-VALUE}.")
  private String threats = "";

  @Mixin private final AttackOptions constants = new AttackOptions();

  @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of all draws.")
  private long seed;

  @Mixin private final ComputeOptions computing = new ComputeOptions();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Images attacked together; the draws depend on it. Default: 100 of up to 64 "
              + "pixels, 10 of more, and no more than half of the images.")
  private @Nullable Integer batch;

  @Option(
      names = "--score-draws",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Times a randomised defense is asked for each score; an image counts "
              + "where it is right every time. Default: ${DEFAULT-VALUE}.")
  private int scoreDraws;

  @Option(
      names = "--round8",
      description = "Score attacked images in 8 bits, rounded towards the clean ones.")
  private boolean round8;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "16",
      description = "Images in the report, each in up to four states. Default: ${DEFAULT-VALUE}.")
  private int examples;

  @Option(
      names = "--keep-images",
      description = "Keeps all attacked images, fp32, in DIR/attacked.")
  private boolean keepImages;

  @Option(
      names = "--probe",
      paramLabel = "N",
      description =
          "Looks for gradient masking on the first N images when attackers are "
              + "adaptive; 0 for none. Default: 100, for masks and boxes 20.")
  private @Nullable Integer probe;

  @Option(
      names = "--curves",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Draws accuracy over the radius and over the steps of PGD for the first N "
              + "images; default: 0, for none.")
  private int curves;

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
    if (curves < 0) {
      throw new InputException("--curves must be 0 or the number of images, not " + curves);
    }
    Set<Threat> asked = Words.threats(threats);
    form();
    List<Gate> limits = gates.stream().map(Gate::parse).toList();
    if (attacks != null) { // what is wrong shows before the target is loaded
      List<Attack> listed = constants.named(attacks);
      limits.forEach(gate -> gate.check(listed, asked));
    }
    Compute compute = computing.compute();
    TargetName named = new TargetName(target);
    Target net = loading.load(named, compute, err);
    List<Attack> chosen = constants.named(attacks, net.task());
    limits.forEach(gate -> gate.check(chosen, asked));
    Optional<Defense> repaired = defense(compute);
    String sha256 = named.sha256();
    if (!defense.equals(EvaluationFolder.NONE)) {
      TargetOptions.tellOfAnother(Path.of(defense), sha256, err);
    }
    Optional<Target> other =
        Optional.ofNullable(surrogate)
            .map(text -> loading.load(new TargetName(text), compute, err));
    Dataset images = data.open(net);
    TargetOptions.checkClasses(net, images, err);
    EvaluationPlan.Settings usual = EvaluationPlan.Settings.standard(net.imageSize(), compute);
    EvaluationPlan plan =
        new EvaluationPlan(
            net,
            sha256,
            repaired,
            other,
            net.task().measured(form()),
            images,
            data.split(),
            chosen,
            asked,
            new EvaluationPlan.Settings(
                batch == null ? batch(usual, images) : batch, scoreDraws, round8, compute),
            Provenances.current(seed));
    images.notes().forEach(note -> err.println("note: " + note));
    constants.unused(chosen).forEach(note -> err.println("note: " + note));
    Evaluator evaluator = new Evaluator(plan);
    AttackedImages attacked = AttackedImages.in(out.resolve(OutputFolder.IN_PROGRESS));
    Optional<Evaluation> found;
    try (Interruption stop = Interruption.listen(err);
        UnitProgress progress = new UnitProgress(err, "evaluating");
        Workers workers = Workers.forJobs(evaluator.batches())) {
      found = evaluator.run(workers, attacked, progress::advanced, stop);
    }
    if (found.isEmpty()) {
      return stopped(err);
    }
    List<MaskingSign> signs;
    try {
      signs = signs(plan, err);
    } catch (CancellationException e) {
      return stopped(err);
    }
    Optional<List<Result>> sweep = sweep(plan, err);
    if (sweep.isEmpty()) {
      return stopped(err);
    }
    new EvaluationFolder(out, target, defense, seed, examples, err)
        .write(plan, found.get(), signs, sweep.get());
    if (!keepImages) {
      attacked.remove();
    }
    Sweep.attacks().forEach(attack -> sweptIn(attack).remove());
    return verdict(found.get(), signs, limits);
  }

  private AveragePrecision form() {
    if (averagePrecision == null) {
      return AveragePrecision.of(data.name());
    }
    return switch (averagePrecision) {
      case "11-point" -> AveragePrecision.ELEVEN_POINT;
      case "area" -> AveragePrecision.AREA;
      default ->
          throw new InputException(
              "--average-precision is 11-point or area, not " + averagePrecision);
    };
  }

  private static int stopped(PrintWriter err) {
    err.println("stopped; the same command goes on where it was");
    return ExitCode.INTERRUPTED;
  }

  /** Accuracy over radius and steps; no records where nobody asked, empty if it was stopped. */
  private Optional<List<Result>> sweep(EvaluationPlan plan, PrintWriter err) {
    if (curves == 0) {
      return Optional.of(List.of());
    }
    try (Interruption stop = Interruption.listen(err);
        UnitProgress progress = new UnitProgress(err, "drawing curves")) {
      return new Sweep(plan, curves).run(this::sweptIn, progress::advanced, stop);
    }
  }

  private AttackedImages sweptIn(Pgd attack) {
    return AttackedImages.in(
        out.resolve(
            String.format(
                Locale.ROOT,
                "%s-%.4f-%d",
                OutputFolder.IN_PROGRESS,
                attack.epsilon(),
                attack.steps())));
  }

  private Optional<Defense> defense(Compute compute) {
    List<Purifier> chain = new ArrayList<>();
    String sha256 = "";
    if (!defense.equals(EvaluationFolder.NONE)) {
      Path file = Path.of(defense);
      chain.add(DefenseFile.read(file, compute));
      sha256 = Checksum.sha256(file);
    }
    then.forEach(word -> chain.add(Purifiers.of(word)));
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    Purifier whole = chain.size() == 1 ? chain.getFirst() : new Chain(chain);
    return Optional.of(new Defense(whole.name(), whole, sha256));
  }

  /** Of few images two batches, so that two cores have work; whatever machine it is. */
  private static int batch(EvaluationPlan.Settings usual, Dataset images) {
    return Math.clamp(Math.ceilDiv(images.size(), 2), 1, usual.batch());
  }

  /**
   * What a probe through the defense finds; nothing where no attacker is adaptive.
   *
   * @throws CancellationException if it was stopped
   */
  private List<MaskingSign> signs(EvaluationPlan plan, PrintWriter err) {
    int usual = plan.task().labelling() == Labelling.CLASSES ? 100 : 20;
    int images = Math.min(probe == null ? usual : probe, plan.dataset().size());
    if (images == 0 || plan.attacks().isEmpty() || !plan.threats().contains(Threat.ADAPTIVE)) {
      return List.of();
    }
    try (Interruption stop = Interruption.listen(err);
        UnitProgress progress = new UnitProgress(err, "looking")) {
      progress.say("looking for gradient masking on %d images".formatted(images));
      return MaskingProbe.of(
          plan,
          images,
          (done, total) -> {
            if (stop.getAsBoolean()) {
              throw new CancellationException();
            }
            progress.advanced(done, total);
          });
    }
  }

  private int verdict(Evaluation found, List<MaskingSign> signs, List<Gate> limits) {
    PrintWriter console = spec.commandLine().getOut();
    console.print(ResultTable.text(found.results()));
    console.println();
    if (!signs.isEmpty()) {
      console.print(MaskingSection.text(signs));
      console.println();
    }
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

package io.realign.cli;

import io.realign.align.DefenseFile;
import io.realign.align.LossPreset;
import io.realign.align.Variant;
import io.realign.data.Cached;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.data.Part;
import io.realign.data.Split;
import io.realign.data.Subset;
import io.realign.evaluate.AttackedImages;
import io.realign.evaluate.Defense;
import io.realign.evaluate.Evaluation;
import io.realign.evaluate.EvaluationPlan;
import io.realign.evaluate.Evaluator;
import io.realign.evaluate.Threat;
import io.realign.io.AtomicFile;
import io.realign.io.Checksum;
import io.realign.report.HtmlReport;
import io.realign.report.MetricsLog;
import io.realign.report.Provenances;
import io.realign.report.ReportContent;
import io.realign.report.ResultsJson;
import io.realign.report.RunReport;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import io.realign.train.Profile;
import io.realign.train.Profiles;
import io.realign.train.TargetConfig;
import io.realign.train.TargetTraining;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The stages of {@code quickstart}, on scenes: a target of its own, a defense for it, attacks on
 * both, a report. A stage that was stopped goes on from its checkpoint; one that is done is taken
 * as it is.
 */
final class Quickstart {

  private static final int SHARDS = 2;
  private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(20);
  private static final String NO_VGG =
      "The perceptual loss (2) is off: quickstart downloads no VGG weights.";

  private final Plan plan;
  private final Path out;
  private final Compute compute;
  private final PrintWriter err;
  private final BooleanSupplier stop;

  /**
   * How much is done.
   *
   * @param kind what is trained and attacked
   * @param images scenes to train on, some of which are held out for validation
   * @param validation of these
   * @param targetSteps for the target
   * @param defenseSteps for the defense
   * @param test scenes to attack
   * @param seed the root of all draws
   */
  record Plan(
      QuickstartKind kind,
      int images,
      int validation,
      long targetSteps,
      long defenseSteps,
      int test,
      long seed) {

    private static final int STEPS_PER_POOL = 128; // a pool is dear: no part of one is left over

    /** The usual amount, times {@code scale}. */
    static Plan scaled(QuickstartKind kind, double scale, long seed) {
      Plan whole = kind.whole(seed);
      return new Plan(
          kind,
          scaled(whole.images, scale),
          scaled(whole.validation, scale),
          scaled(whole.targetSteps, scale),
          scaled(whole.defenseSteps, scale),
          scaled(whole.test, scale),
          seed);
    }

    /** What fits into {@code minutes} on two cores: the defense is trained for what is left. */
    static Plan lasting(QuickstartKind kind, double minutes, long seed) {
      Plan whole = kind.whole(seed);
      double share = (minutes - kind.otherMinutes()) / (kind.minutes() - kind.otherMinutes());
      long pools = Math.max(1, Math.round(share * whole.defenseSteps / STEPS_PER_POOL));
      return new Plan(
          kind,
          whole.images,
          whole.validation,
          whole.targetSteps,
          pools * STEPS_PER_POOL,
          whole.test,
          seed);
    }

    /** Pools of attacked images that divide the defense's steps evenly. */
    DefenseConfig.Replay replay() {
      int times = 4;
      return new DefenseConfig.Replay((int) Math.clamp(defenseSteps / times, 1, 32), times);
    }

    private static int scaled(long number, double scale) {
      return (int) Math.max(4, Math.round(number * scale));
    }
  }

  Quickstart(Plan plan, Path out, Compute compute, PrintWriter err, BooleanSupplier stop) {
    this.plan = plan;
    this.out = out;
    this.compute = compute;
    this.err = err;
    this.stop = stop;
  }

  /** Runs all stages; empty if it was stopped. */
  Optional<Evaluation> run() {
    QuickstartKind kind = plan.kind();
    Dataset scenes = new Cached(Subset.first(kind.scenes(Part.TRAIN), plan.images()));
    Split split = Split.of(scenes, plan.validation(), Seed.of(plan.seed()).child("validation"));
    say("1/3 training a target, %s, on %d scenes", kind.architecture(), split.train().size());
    if (!trainTarget(split)) {
      return Optional.empty();
    }
    Path weights = targetFolder().resolve(TargetTraining.TARGET);
    Target target = Targets.load(kind.architecture() + "@" + weights, compute);
    say("2/3 training a defense for it, profile small; %s", NO_VGG);
    if (!trainDefense(target, split)) {
      return Optional.empty();
    }
    say("3/3 attacking both on %d scenes that neither has seen", plan.test());
    return evaluate(target, weights);
  }

  private boolean trainTarget(Split split) {
    QuickstartKind kind = plan.kind();
    int classes =
        kind.labelling() == Labelling.MASKS
            ? split.train().maskClasses().size()
            : split.train().classes().size();
    TargetConfig config =
        new TargetConfig(
            kind.architecture(),
            split.train().name(),
            kind.side(),
            classes,
            split.train().size(),
            split.val().size(),
            TargetConfig.Optimiser.oneCycle(
                kind.learningRate(), kind.weightDecay(), plan.targetSteps()),
            0,
            0, // smoothed labels hide gradients: the bare net would look sturdier than it is
            kind.augmented(),
            Math.min(kind.batch(), split.train().size() / SHARDS),
            SHARDS,
            Math.max(1, plan.targetSteps() / 4),
            plan.seed(),
            compute.precision());
    try (ProgressListener progress = new ProgressListener(err)) {
      return TargetTraining.run(
          config,
          new TargetTraining.Inputs(split.train(), split.val(), compute),
          targetFolder(),
          true,
          CHECKPOINT_EVERY,
          List.of(progress),
          stop);
    }
  }

  private boolean trainDefense(Target target, Split split) {
    Profiles.Request request =
        new Profiles.Request(
            plan.kind().architecture() + "@" + TargetTraining.TARGET,
            split.train().name(),
            plan.kind().side(),
            target.classes(),
            split.train().size(),
            Variant.RELEASED,
            LossPreset.named("full"),
            "",
            List.of(),
            target.trunk(),
            plan.seed(),
            compute.precision(),
            plan.kind().labelling());
    DefenseConfig config =
        plan.kind()
            .trained(Profiles.resolve(Profile.SMALL, request, 1))
            .withSteps(plan.defenseSteps(), Math.max(1, plan.defenseSteps() / 2))
            .withImages(split.val().size(), plan.replay());
    try (ProgressListener progress = new ProgressListener(err)) {
      return DefenseTraining.run(
          config,
          new DefenseTraining.Inputs(
              target,
              Checksum.sha256(targetFolder().resolve(TargetTraining.TARGET)),
              target.task(),
              split.train(),
              split.val(),
              Optional.empty(),
              compute,
              Optional.empty()),
          defenseFolder(),
          true,
          CHECKPOINT_EVERY,
          List.of(progress),
          stop);
    }
  }

  private Optional<Evaluation> evaluate(Target target, Path weights) {
    Path file = defenseFolder().resolve(DefenseTraining.DEFENSE);
    Dataset images = Subset.first(plan.kind().scenes(Part.TEST), plan.test());
    Evaluator evaluator =
        new Evaluator(
            new EvaluationPlan(
                target,
                Checksum.sha256(weights),
                Optional.of(
                    new Defense(
                        DefenseTraining.DEFENSE,
                        DefenseFile.read(file, compute),
                        Checksum.sha256(file))),
                Optional.empty(),
                target.task(),
                images,
                Part.TEST.word(),
                plan.kind().attacks(),
                EnumSet.of(Threat.OBLIVIOUS, Threat.ADAPTIVE),
                EvaluationPlan.Settings.standard(plan.kind().side(), compute),
                Provenances.current(plan.seed())));
    Optional<Evaluation> found;
    try (UnitProgress progress = new UnitProgress(err, "attacking");
        Workers workers = Workers.forJobs(evaluator.batches())) {
      found = evaluator.run(workers, AttackedImages.NONE, progress::advanced, stop);
    }
    found.ifPresent(evaluation -> write(evaluation, target.task().classes(images)));
    return found;
  }

  private void write(Evaluation found, List<String> classes) {
    ReportContent content =
        RunReport.of(
                "quickstart: " + plan.kind().architecture() + " on scenes",
                found,
                classes,
                "# the target's training\n"
                    + RunReport.config(targetFolder())
                    + "\n# the defense's training\n"
                    + RunReport.config(defenseFolder()),
                List.of(NO_VGG),
                plan.seed())
            .withMetrics(MetricsLog.read(defenseFolder().resolve(MetricsLog.FILE)));
    String page = HtmlReport.text(content);
    ResultsJson.write(out.resolve(ResultsJson.FILE), found.results());
    AtomicFile.writeString(out.resolve(HtmlReport.FILE), page);
  }

  Path targetFolder() {
    return out.resolve("target");
  }

  Path defenseFolder() {
    return out.resolve("defense");
  }

  private void say(String format, Object... values) {
    err.println(format.formatted(values));
    err.flush();
  }
}

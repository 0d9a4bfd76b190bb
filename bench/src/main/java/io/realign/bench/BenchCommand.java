package io.realign.bench;

import io.realign.align.DefenseFile;
import io.realign.align.GeneratorPurifier;
import io.realign.evaluate.Result.Provenance;
import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.report.Provenances;
import io.realign.target.TargetName;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign bench}. */
@Command(
    name = "bench",
    description = "Measures this machine, and what training makes of it.",
    footer = {
      "",
      "In one run: the best 3×3 convolution, WRN-28-10 in training and under PGD, the",
      "training of a defense, where its time goes, and whether memory grows. About 20",
      "minutes on two idle cores; all on the CPU. Without --target, --data-dir and",
      "--vgg, random weights and images stand in: they cost the same.",
      "",
      "Example:",
      "  realign bench --target cifar-resnet20@resnet20.safetensors --data-dir DIR \\",
      "      --vgg vgg19.safetensors --out bench.json"
    })
public final class BenchCommand implements Callable<Integer> {

  private static final int STEPS_BY_PARTS = 8;

  @Spec private CommandSpec spec;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      description =
          "The net to defend: ARCH@FILE, or MODEL.yaml of a TorchScript file. "
              + "Default: a cifar-resnet20 of random weights.")
  private @Nullable String target;

  @Option(
      names = "--trust-script",
      description = "Lets a TorchScript target run, which is a program.")
  private boolean trustScript;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The folder that holds cifar-10-batches-bin/. Default: random images.")
  private @Nullable Path dataDir;

  @Option(
      names = "--vgg",
      paramLabel = "FILE",
      description = "VGG for the perceptual loss. Default: one of random weights.")
  private @Nullable Path vgg;

  @Option(
      names = "--precision",
      paramLabel = "X",
      defaultValue = "fp32",
      description = "Of the defense's training: fp32 or bf16. Default: ${DEFAULT-VALUE}.")
  private String precision;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      description = "Measurements of each thing, taken in turns. Default: 5.")
  private @Nullable Integer repeats;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--quick",
      description = "Everything in small, to see that it runs; the figures mean little.")
  private boolean quick;

  @Option(
      names = "--skip-wide",
      description = "Leaves WRN-28-10 out, which takes half of the time.")
  private boolean skipWide;

  @Option(
      names = "--published",
      description =
          "Instead: a step of the published training for PSPNet at 425² (G at 512², "
              + "batch 1) and for SSD300 (G at 256², batch 4). Takes 20 GB and half an hour.")
  private boolean published;

  @Option(
      names = "--serve",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "URL",
      description =
          "Instead: a service at saturation with images of 32², as many connections at "
              + "once as said. Without URL its own, with dynamic batches and with batches of "
              + "one, beside the bare generator; URL is such as "
              + "http://127.0.0.1:8080/v1/models/default/purify.")
  private @Nullable String serve;

  @Option(
      names = "--defense",
      paramLabel = "FILE",
      description = "For --serve without URL. Default: one of profile small, of random weights.")
  private @Nullable Path defense;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "Of each measurement of --serve; default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "64",
      description = "Of --serve; a service refuses what is beyond 256. Default: ${DEFAULT-VALUE}.")
  private int connections;

  @Option(names = "--out", paramLabel = "FILE", description = "Takes the figures as JSON.")
  private @Nullable Path out;

  @Option(names = "--overwrite", description = "Replaces the file of --out.")
  private boolean overwrite;

  @Override
  public Integer call() {
    if (out != null && Files.exists(out) && !overwrite) {
      throw new InputException(out + " exists already; --overwrite replaces it");
    }
    if (repeats != null && repeats < 1) {
      throw new InputException("--repeats must be at least 1, not " + repeats);
    }
    Plan sizes = quick ? Plan.quick() : Plan.standard();
    Plan plan = repeats == null ? sizes : sizes.withRepeats(repeats);
    Compute compute = Compute.of("cpu", precision);
    if (published) {
      published(plan, compute);
      return 0;
    }
    if (serve != null) {
      serve(serve, plan, compute);
      return 0;
    }
    DefenseSetup setup = setup(plan, compute);
    BenchReport report = measure(plan, setup);
    if (out != null) {
      AtomicFile.writeString(out, report.json());
    }
    return 0;
  }

  private DefenseSetup setup(Plan plan, Compute compute) {
    return DefenseSetup.of(
        plan,
        new DefenseSetup.Files(
            Optional.ofNullable(target).map(TargetName::new),
            trustScript ? Trust.SCRIPTS : Trust.DATA_ONLY,
            Optional.ofNullable(dataDir),
            Optional.ofNullable(vgg)),
        compute,
        seed);
  }

  private void serve(String url, Plan plan, Compute compute) {
    if (seconds < 1 || connections < 1) {
      throw new InputException("--seconds and --connections must be at least 1");
    }
    ServeLoad load = new ServeLoad(connections, Duration.ofSeconds(seconds), this::said);
    ServeReport report =
        url.isEmpty() ? load.compare(generator(plan, compute)) : load.drive(endpoint(url));
    Tables tables = new Tables(spec.commandLine().getOut());
    tables.line("%s, %d connections, images of %d²", report.defense(), connections, report.side());
    if (report.bareImagesPerSecond() != null) {
      tables.line("  %-22s %7.0f images/s", "the bare generator", report.bareImagesPerSecond());
    }
    if (report.batchOfOne() != null) {
      tables.served("batches of one", report.batchOfOne());
    }
    tables.served("dynamic batches", report.dynamic());
    if (report.overBatchOfOne() != null && report.ofBare() != null) {
      tables.line(
          "  %.2f of batches of one, %.2f of the bare generator",
          report.overBatchOfOne(), report.ofBare());
    }
    if (out != null) {
      AtomicFile.writeString(out, report.json());
    }
  }

  private static URI endpoint(String url) {
    try {
      URI endpoint = new URI(url);
      if ("http".equals(endpoint.getScheme())
          && endpoint.getHost() != null
          && endpoint.getPort() > 0) {
        return endpoint;
      }
    } catch (URISyntaxException e) {
      throw new InputException("--serve: no URL: " + e.getMessage(), e);
    }
    throw new InputException(
        "--serve: %s is not such as http://127.0.0.1:8080/v1/models/default/purify".formatted(url));
  }

  private GeneratorPurifier generator(Plan plan, Compute compute) {
    return defense == null
        ? new GeneratorPurifier(
            "profile small",
            setup(plan, compute).config().generator().create(Seed.of(seed), compute))
        : DefenseFile.read(defense, compute);
  }

  private void published(Plan plan, Compute compute) {
    Tables tables = new Tables(spec.commandLine().getOut());
    int cores = Math.max(1, torch.get_num_threads());
    double load = Machine.load().orElse(-1);
    Provenance provenance = Provenances.current(seed);
    said("convolutions");
    ConvPeak peak = ConvPeak.measure(plan, cores, formats());
    tables.peak(peak);
    List<PublishedStep> steps = new ArrayList<>();
    for (PublishedReport.Case each : PublishedReport.CASES) {
      said(each.architecture());
      DefenseSetup setup = DefenseSetup.published(each.architecture(), each.side(), compute, seed);
      PublishedStep step =
          PublishedStep.measure(setup, each.generatorSide(), plan.repeats(), peak.fp32());
      tables.published(step);
      steps.add(step);
    }
    PublishedReport report =
        new PublishedReport(
            provenance.machine(),
            provenance.versions(),
            provenance.commit(),
            seed,
            cores,
            load,
            peak,
            steps);
    if (out != null) {
      AtomicFile.writeString(out, report.json());
    }
  }

  private static List<ConvPeak.Format> formats() {
    return Machine.multipliesBfloat16()
        ? List.of(ConvPeak.Format.values())
        : List.of(ConvPeak.Format.FP32_NCHW, ConvPeak.Format.FP32_NHWC);
  }

  /** Tells what is being done, on stderr: the whole takes many minutes. */
  private void said(String what) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("measuring " + what);
    err.flush();
  }

  private BenchReport measure(Plan plan, DefenseSetup setup) {
    Tables tables = new Tables(spec.commandLine().getOut());
    int cores = Math.max(1, torch.get_num_threads());
    double load = Machine.load().orElse(-1);
    Provenance provenance = Provenances.current(seed);
    tables.line("%s; %d cores used; load before %.2f", provenance.machine(), cores, load);
    tables.line("commit %s, %s", provenance.commit(), provenance.versions());

    if (load > BenchReport.QUIET) {
      spec.commandLine()
          .getErr()
          .println("realign: warning: other jobs run on this machine; the figures will be too low");
    }
    tables.line("");
    said("convolutions");
    ConvPeak peak = ConvPeak.measure(plan, cores, formats());
    tables.peak(peak);
    said("the training of a defense");
    DefenseSpeed speed = DefenseSpeed.measure(setup, plan, this::said);
    said("its parts");
    StepCost cost = StepCost.of(setup);
    double gigaflops = 2e-9 * cost.total() * speed.imagesPerSecond().median();
    BenchReport.Defense defense =
        new BenchReport.Defense(
            setup.given(),
            setup.config().generator(),
            cost,
            gigaflops,
            gigaflops / peak.fp32(),
            speed,
            StepParts.measure(setup, plan.repeats(), quick ? 1 : STEPS_BY_PARTS));
    tables.defense(defense);
    WideNet wide = null; // last: what it leaves in memory would count as the defense's
    if (!skipWide) {
      said(plan.wide());
      wide = WideNet.measure(plan, cores, peak.fp32(), Seed.of(seed));
      tables.wide(wide);
    }
    return new BenchReport(
        provenance.machine(),
        provenance.versions(),
        provenance.commit(),
        seed,
        cores,
        precision.toLowerCase(Locale.ROOT),
        load,
        plan,
        peak,
        wide,
        defense);
  }
}

package io.realign.cli;

import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.io.ScriptArchive;
import io.realign.io.Weights;
import io.realign.nn.StateDict;
import io.realign.target.GradientProbe;
import io.realign.target.ScriptGuess;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.target.WeightFit;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Script;
import io.realign.torch.ScriptFailure;
import io.realign.torch.Seed;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign inspect}: what a file holds, and whether it can be attacked. */
@Command(
    name = "inspect",
    description = "Says what a model file holds and whether it can be attacked.",
    footer = {
      "",
      "FILE is TorchScript, a state dictionary (safetensors or .pth), a defense, or",
      "the YAML file that describes a TorchScript model. Without --trust-script a",
      "program is read, not run. A model that can be attacked answers the same twice",
      "and passes gradients to the image. Exit codes: 0 it can, or there is nothing",
      "to attack in it; 1 it cannot, or it fits none of our architectures; 2 wrong",
      "input.",
      "",
      "Examples:",
      "  realign inspect model.pt --trust-script --write-config model.yaml",
      "  realign inspect model.yaml --trust-script"
    })
final class InspectCommand implements Callable<Integer> {

  private static final int TENSORS_SHOWN = 10;
  private static final int FITS_SHOWN = 3;

  @Parameters(arity = "1", paramLabel = "FILE", description = "The file.")
  private Path file = Path.of("");

  @Mixin private final TargetOptions loading = new TargetOptions();

  @Option(
      names = "--config",
      paramLabel = "YAML",
      description = "Describes the TorchScript file; else it is guessed.")
  private @Nullable Path config;

  @Option(
      names = "--write-config",
      paramLabel = "YAML",
      description = "Takes the guessed description, to be edited.")
  private @Nullable Path written;

  @Option(names = "--overwrite", description = "Replace the file of --write-config.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (written != null && Files.exists(written) && !overwrite) {
      throw new InputException(
          written + " is there already: another --write-config, or --overwrite");
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    boolean described = config != null || name.endsWith(".yaml") || name.endsWith(".yml");
    if (described) {
      return described(config == null ? file : config);
    }
    if (ScriptArchive.isOne(file)) {
      return program(ScriptArchive.read(file));
    }
    if (written != null) {
      throw new InputException(file + " is no TorchScript file: there is nothing to describe");
    }
    Map<String, String> metadata = Weights.metadata(file);
    StateDict weights = Weights.read(file);
    tensors(weights, metadata);
    return metadata.containsKey("generator") ? defense(metadata) : weights(weights);
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** A program with its description. */
  private int described(Path yaml) {
    if (written != null) {
      throw new InputException("--write-config guesses a description; " + yaml + " is one");
    }
    TargetName named = new TargetName(yaml.toString());
    Target target = loading.load(named, Compute.CPU, spec.commandLine().getErr());
    return judged(target, Set.of());
  }

  private int program(ScriptArchive archive) {
    out()
        .printf(
            "TorchScript program %s: %d tensors, %s%n",
            archive.program(), archive.tensors(), bytes(archive.tensorBytes()));
    archive.methods().forEach(method -> out().println("  " + method.text()));
    Set<String> quantised = archive.quantised();
    if (!quantised.isEmpty()) {
      out().println("8-bit operators, most without a gradient: " + String.join(", ", quantised));
    }
    if (loading.trust() != Trust.SCRIPTS) {
      if (written != null) {
        throw new InputException(
            file + " is a program: --write-config has to run it, which needs --trust-script");
      }
      out().println("not run: --trust-script lets it, if you trust whoever made it, and says more");
      return ExitCode.DONE;
    }
    ScriptGuess guess = guess(archive);
    if (guess.sizes().isEmpty()) {
      out().println("it takes none of the images tried: " + guess.failure());
      return ExitCode.FAILED;
    }
    out()
        .printf(
            "takes images of %s pixels, of those tried; returns %s%n",
            guess.sizes().toString().replaceAll("[\\[\\]]", ""), guess.returned());
    Path yaml = written == null ? Path.of("model.yaml") : written;
    Path folder = yaml.toAbsolutePath().normalize().getParent();
    Path relative =
        folder == null
            ? file.toAbsolutePath()
            : folder.relativize(file.toAbsolutePath().normalize());
    String description = guess.yaml(relative);
    if (written == null) {
      out().printf("%na description to edit (--write-config keeps it):%n%n%s%n", description);
    } else {
      AtomicFile.writeString(written, description);
      out().println("description to edit: " + written);
    }
    return tried(guess, archive.quantised());
  }

  private ScriptGuess guess(ScriptArchive archive) {
    try {
      return ScriptGuess.of(Script.load(file, Compute.CPU), archive, Compute.CPU);
    } catch (ScriptFailure e) {
      throw new InputException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether the guessed description already makes a target. */
  private int tried(ScriptGuess guess, Set<String> quantised) {
    if (!guess.isWhole()) {
      out()
          .println(
              "whether it can be attacked shows with the edited description: realign inspect "
                  + (written == null ? "model.yaml" : written)
                  + " --trust-script");
      return ExitCode.DONE;
    }
    return judged(guess.target(file, Compute.CPU), quantised);
  }

  private int judged(Target target, Set<String> quantised) {
    GradientProbe probe = GradientProbe.of(target, Seed.of(0), Compute.CPU);
    out()
        .printf(
            "%s, %d classes, images of %d×%d: %s%n",
            target.task().name(),
            target.classes(),
            target.imageSize(),
            target.imageSize(),
            probe.outputs());
    if (probe.problems().isEmpty()) {
      out()
          .printf(
              Locale.ROOT,
              "can be attacked: the same answer twice, gradients reach %.1f %% of the image's values (largest %.3g)%n",
              100 * probe.reached(),
              probe.largest());
      return ExitCode.DONE;
    }
    probe.problems().forEach(problem -> out().println("cannot be attacked: " + problem));
    if (!quantised.isEmpty()) {
      out().println("  its 8-bit operators: " + String.join(", ", quantised));
    }
    return ExitCode.FAILED;
  }

  private void tensors(StateDict weights, Map<String, String> metadata) {
    Map<String, long[]> types = new TreeMap<>(); // tensors, values
    weights
        .entries()
        .forEach(
            entry -> {
              long[] counts =
                  types.computeIfAbsent(
                      String.valueOf(entry.getValue().scalar_type().intern()), type -> new long[2]);
              counts[0]++;
              counts[1] += entry.getValue().numel();
            });
    out().printf("%d tensors, %,d values%n", weights.names().size(), weights.count());
    types.forEach(
        (type, counts) ->
            out().printf("  %s: %d tensors, %,d values%n", type, counts[0], counts[1]));
    int shown = 0;
    for (Map.Entry<String, Tensor> entry : weights.entries()) {
      if (shown++ == TENSORS_SHOWN) {
        out().printf("  … and %d more%n", weights.names().size() - TENSORS_SHOWN);
        break;
      }
      out().printf("  %s %s%n", entry.getKey(), Arrays.toString(Ops.shape(entry.getValue())));
    }
    metadata.forEach((key, value) -> out().printf("  %s: %s%n", key, value));
  }

  private int defense(Map<String, String> metadata) {
    out()
        .printf(
            "a defense of %s, trained on %s; 'purify' and 'evaluate --defense' take it%n",
            metadata.getOrDefault("target", "a target that it does not name"),
            metadata.getOrDefault("data", "data that it does not name"));
    return ExitCode.DONE;
  }

  private int weights(StateDict weights) {
    List<WeightFit> fits = WeightFit.of(weights);
    Optional<WeightFit> fit = fits.stream().filter(WeightFit::fits).findFirst();
    if (fit.isEmpty()) {
      out().println("fits none of our architectures");
      fits.stream()
          .limit(FITS_SHOWN)
          .forEach(
              each ->
                  out()
                      .printf(
                          "  nearest: %s, %d of %d tensors, %d extra%n",
                          each.architecture(), each.fitting(), each.needed(), each.extra()));
      out().println("a net of your own comes in as TorchScript: docs/models.md");
      return ExitCode.FAILED;
    }
    String target = fit.get().architecture() + "@" + file;
    out().println("fits --target " + target);
    return judged(Targets.load(new TargetName(target), Trust.DATA_ONLY, Compute.CPU), Set.of());
  }

  private static String bytes(long bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}

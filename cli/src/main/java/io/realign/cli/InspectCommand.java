package io.realign.cli;

import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.io.ScriptArchive;
import io.realign.io.Weights;
import io.realign.nn.StateDict;
import io.realign.target.Architectures;
import io.realign.target.GradientProbe;
import io.realign.target.ScriptConfig;
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
import java.io.IOException;
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
      "and passes gradients to the image. Weights that fit several architectures are",
      "tried as the first that is listed. Exit codes: 0 it can, or there is nothing to",
      "attack in it; 1 it cannot, or it fits none of our architectures; 2 wrong input;",
      "3 not known: the program was not run, or its description is to be edited first.",
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
      description = "Describes FILE, a TorchScript program; else it is guessed.")
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
    if (config != null) {
      checkDescribed(config);
      return described(config);
    }
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return described(file);
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
    return metadata.containsKey("generator") ? defense(metadata) : weights(weights, metadata);
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private void checkDescribed(Path yaml) {
    if (!Files.exists(file)) {
      throw new InputException(file + ": no such file");
    }
    Path program = ScriptConfig.read(yaml).file();
    if (!isSame(program)) {
      throw new InputException(
          "%s describes %s, not %s: give that file, or the --config of this one"
              .formatted(yaml, program, file));
    }
  }

  private boolean isSame(Path other) {
    try {
      return Files.isSameFile(file, other);
    } catch (IOException e) { // the other is missing
      return false;
    }
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
      return ExitCode.UNKNOWN;
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
      return ExitCode.UNKNOWN;
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

  private int weights(StateDict weights, Map<String, String> metadata) {
    Optional<String> named =
        Optional.ofNullable(metadata.get(Targets.ARCHITECTURE)).filter(Architectures::knows);
    List<WeightFit> all = WeightFit.of(weights, metadata);
    List<WeightFit> fits =
        all.stream()
            .filter(WeightFit::fits)
            .filter(fit -> named.isEmpty() || named.get().equals(fit.architecture().name()))
            .toList();
    if (fits.isEmpty()) {
      return fitsNone(all, named);
    }
    String target = target(fits.getFirst());
    if (fits.size() == 1) {
      out().println("fits --target " + target + (named.isPresent() ? ", as its metadata say" : ""));
    } else {
      out().println("fits several architectures, and nothing in it says which it is for:");
      fits.forEach(
          fit -> out().printf("  --target %s%n    %s%n", target(fit), fit.architecture().apart()));
      out().println("tried as " + fits.getFirst().architecture().name() + ":");
    }
    TargetName first = new TargetName(target);
    return judged(loading.load(first, Compute.CPU, spec.commandLine().getErr()), Set.of());
  }

  private String target(WeightFit fit) {
    return fit.architecture().name() + "@" + file;
  }

  private int fitsNone(List<WeightFit> all, Optional<String> named) {
    out()
        .println(
            named
                .map(name -> "does not fit " + name + ", which its metadata name")
                .orElse("fits none of our architectures"));
    all.stream()
        .limit(FITS_SHOWN)
        .forEach(
            each ->
                out()
                    .printf(
                        "  nearest: %s, %d of %d tensors, %d extra%n",
                        each.architecture().name(), each.fitting(), each.needed(), each.extra()));
    out().println("a net of your own comes in as TorchScript: docs/models.md");
    return ExitCode.FAILED;
  }

  private static String bytes(long bytes) {
    return bytes < 1 << 20
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}

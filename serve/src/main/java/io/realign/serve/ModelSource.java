package io.realign.serve;

import io.realign.align.DefenseFile;
import io.realign.align.DefenseOrigin;
import io.realign.align.GeneratorPurifier;
import io.realign.evaluate.Result;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.report.OwnResults;
import io.realign.report.ResultsJson;
import io.realign.report.RunReport;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The files of a model.
 *
 * @param name in addresses
 * @param target {@code ARCH@FILE} or {@code MODEL.yaml}
 * @param defense a file of {@code train defense}
 * @param classes names of the target's classes; empty for those that it knows itself
 * @param results a file of {@code evaluate} that holds records of the model; where none is named,
 *     those beside the defense are taken, as far as they are of it
 */
public record ModelSource(
    String name,
    Optional<TargetName> target,
    Optional<Path> defense,
    List<String> classes,
    Optional<Path> results) {

  private static final List<String> BESIDE = List.of(ResultsJson.FILE, RunReport.CURVES);

  /** Copies the list. */
  public ModelSource {
    classes = List.copyOf(classes);
  }

  /** A YAML file of models: the keys of a model; all may be missing. */
  static final class Form {
    public @Nullable String target;
    public @Nullable String defense;
    public @Nullable List<String> classes;
    public @Nullable String results;
  }

  /** Its only key. */
  static final class Forms {
    public @Nullable LinkedHashMap<String, Form> models;
  }

  /**
   * Reads a YAML file of models. The files that it names are looked for beside it.
   *
   * @throws InputException in one line that names the file and what is wrong
   */
  public static List<ModelSource> read(Path yaml) {
    Forms forms = Yaml.read(yaml, Forms.class);
    if (forms.models == null || forms.models.isEmpty()) {
      throw new InputException(yaml + ": names no models; expected 'models:' with a name for each");
    }
    List<ModelSource> sources = new ArrayList<>();
    for (Map.Entry<String, Form> each : forms.models.entrySet()) {
      Form form = each.getValue() == null ? new Form() : each.getValue();
      try {
        sources.add(source(each.getKey(), form, yaml));
      } catch (IllegalArgumentException e) { // of a target's name or a path
        throw new InputException("%s: %s: %s".formatted(yaml, each.getKey(), e.getMessage()), e);
      }
    }
    return sources;
  }

  private static ModelSource source(String name, Form form, Path yaml) {
    return new ModelSource(
        name,
        Optional.ofNullable(form.target).map(text -> new TargetName(text).beside(yaml)),
        Optional.ofNullable(form.defense).map(yaml::resolveSibling),
        form.classes == null ? List.of() : form.classes,
        Optional.ofNullable(form.results).map(yaml::resolveSibling));
  }

  /**
   * Loads the model.
   *
   * @param trust whether a TorchScript program may run
   * @param notes takes what is peculiar about its files
   * @throws InputException in one line, also if the results that are named are of other nets
   */
  public ServedModel load(Trust trust, Compute compute, Consumer<String> notes) {
    Consumer<String> told = note -> notes.accept(name + ": " + note);
    Optional<Target> net = target.map(named -> Targets.load(named, trust, compute));
    net.ifPresent(loaded -> loaded.notes().forEach(told));
    Optional<GeneratorPurifier> repairing = defense.map(file -> DefenseFile.read(file, compute));
    Optional<String> sum = target.map(TargetName::sha256);
    defense
        .flatMap(file -> sum.flatMap(each -> DefenseOrigin.read(file).note(file, each)))
        .ifPresent(told);
    return new ServedModel(name, net, repairing, classes, records(sum, told), compute);
  }

  /** The records of this model: of the file that is named, else of those beside the defense. */
  private List<Result> records(Optional<String> targetSum, Consumer<String> notes) {
    OwnResults own = new OwnResults(targetSum, defense.map(Checksum::sha256));
    return results
        .map(file -> own.read(file, notes))
        .or(() -> defense.map(file -> own.beside(file, BESIDE, notes)))
        .orElse(List.of());
  }
}

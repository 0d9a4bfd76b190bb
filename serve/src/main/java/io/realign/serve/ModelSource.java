package io.realign.serve;

import io.realign.align.DefenseFile;
import io.realign.evaluate.Result;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.report.ResultsJson;
import io.realign.report.RunReport;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import java.nio.file.Files;
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
 * @param results a file of {@code evaluate}; where none is named, those beside the defense are
 *     taken if they are of it
 */
public record ModelSource(
    String name,
    Optional<TargetName> target,
    Optional<Path> defense,
    List<String> classes,
    Optional<Path> results) {

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
      sources.add(
          new ModelSource(
              each.getKey(),
              Optional.ofNullable(form.target).map(text -> new TargetName(text).beside(yaml)),
              Optional.ofNullable(form.defense).map(yaml::resolveSibling),
              form.classes == null ? List.of() : form.classes,
              Optional.ofNullable(form.results).map(yaml::resolveSibling)));
    }
    return sources;
  }

  /**
   * Loads the model.
   *
   * @param trust whether a TorchScript program may run
   * @param notes takes what is peculiar about its target
   */
  public ServedModel load(Trust trust, Compute compute, Consumer<String> notes) {
    Optional<Target> net = target.map(named -> Targets.load(named, trust, compute));
    net.ifPresent(loaded -> loaded.notes().forEach(note -> notes.accept(name + ": " + note)));
    return new ServedModel(
        name,
        net,
        defense.map(file -> DefenseFile.read(file, compute)),
        classes,
        results.map(ResultsJson::read).orElseGet(this::resultsBeside),
        compute);
  }

  /** The records of an evaluation that lie beside the defense, as far as they are of it. */
  private List<Result> resultsBeside() {
    if (defense.isEmpty()) {
      return List.of();
    }
    String sha256 = Checksum.sha256(defense.get());
    List<Result> found = new ArrayList<>();
    for (String file : List.of(ResultsJson.FILE, RunReport.CURVES)) {
      Path beside = defense.get().resolveSibling(file);
      if (Files.isRegularFile(beside)) {
        List<Result> records = ResultsJson.read(beside);
        if (records.stream().anyMatch(record -> sha256.equals(record.weights().defense()))) {
          found.addAll(records);
        }
      }
    }
    return found;
  }
}

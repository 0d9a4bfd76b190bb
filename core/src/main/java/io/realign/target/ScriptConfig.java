package io.realign.target;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a YAML file says about a TorchScript program.
 *
 * @param name in reports
 * @param file the program
 * @param labelling what it tells about images
 * @param classes names, in the order of the logits
 * @param imageSize height and width of its images
 * @param normalisation of images in [0,1] before they go in
 * @param logits where the scores of classes are
 * @param features where the layer is that distributions are aligned in; the logits where empty
 * @param boxes how a detector's outputs become boxes; empty for other tasks
 */
public record ScriptConfig(
    String name,
    Path file,
    Labelling labelling,
    List<String> classes,
    int imageSize,
    Normalisation normalisation,
    ScriptPath logits,
    Optional<ScriptPath> features,
    Optional<ScriptBoxes> boxes) {

  private static final int SMALLEST_IMAGE = 8;
  private static final int LARGEST_IMAGE = 8192;

  /** The file's keys; those that may be missing are null then. */
  @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
  private static final class Form {
    private @Nullable String name;
    private @Nullable String file;
    private @Nullable String task;
    private @Nullable List<@Nullable String> classes;
    private @Nullable Integer imageSize;
    private @Nullable List<Double> mean;
    private @Nullable List<Double> deviation;
    private @Nullable String logits;
    private @Nullable String features;
    private ScriptBoxes.@Nullable Form boxes;
  }

  /** Copies the lists. */
  public ScriptConfig {
    classes = List.copyOf(classes);
  }

  /**
   * Reads a description. The files that it names are looked for beside it.
   *
   * @throws InputException in one line that names the file and the key
   */
  public static ScriptConfig read(Path yaml) {
    return of(Yaml.read(yaml, Form.class), yaml);
  }

  /** The same from text, as if it stood in {@code yaml}. */
  static ScriptConfig parse(String text, Path yaml) {
    return of(Yaml.read(text, Form.class, yaml.toString()), yaml);
  }

  private static ScriptConfig of(Form form, Path yaml) {
    try {
      return checked(form, yaml);
    } catch (InputException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new InputException(yaml + ": " + e.getMessage(), e);
    }
  }

  private static ScriptConfig checked(Form form, Path yaml) {
    String own = String.valueOf(yaml.getFileName());
    Labelling labelling = labelling(needed(form.task, "task"));
    List<String> classes = classes(needed(form.classes, "classes"), labelling);
    int side = needed(form.imageSize, "imageSize");
    if (side < SMALLEST_IMAGE || side > LARGEST_IMAGE) {
      throw new IllegalArgumentException(
          "imageSize is %d, expected %d to %d".formatted(side, SMALLEST_IMAGE, LARGEST_IMAGE));
    }
    if (labelling == Labelling.BOXES && form.boxes == null) {
      throw new IllegalArgumentException("'boxes' is missing: a detector needs it");
    }
    if (labelling != Labelling.BOXES && form.boxes != null) {
      throw new IllegalArgumentException("'boxes' is for task: detection alone");
    }
    return new ScriptConfig(
        form.name == null ? own.replaceFirst("\\.[^.]*$", "") : form.name,
        beside(yaml, needed(form.file, "file")),
        labelling,
        classes,
        side,
        new Normalisation(needed(form.mean, "mean"), needed(form.deviation, "deviation")),
        path("logits", form.logits == null ? "forward()" : form.logits),
        Optional.ofNullable(form.features).map(text -> path("features", text)),
        Optional.ofNullable(form.boxes).map(boxes -> ScriptBoxes.of(boxes, yaml)));
  }

  private static List<String> classes(List<@Nullable String> written, Labelling labelling) {
    List<String> classes = new ArrayList<>();
    for (String each : written) {
      if (each == null || each.isBlank() || classes.contains(each)) {
        throw new IllegalArgumentException(
            "classes: '%s' is empty or there twice; each needs a name of its own".formatted(each));
      }
      classes.add(each);
    }
    if (classes.size() < (labelling == Labelling.BOXES ? 1 : 2)) {
      throw new IllegalArgumentException("classes: too few, " + classes);
    }
    return classes;
  }

  private static Labelling labelling(String task) {
    return switch (task) {
      case "classification" -> Labelling.CLASSES;
      case "segmentation" -> Labelling.MASKS;
      case "detection" -> Labelling.BOXES;
      default ->
          throw new IllegalArgumentException(
              "task is '%s', expected classification, segmentation or detection".formatted(task));
    };
  }

  static Path beside(Path yaml, String file) {
    return yaml.resolveSibling(file);
  }

  static ScriptPath path(String key, String text) {
    try {
      return ScriptPath.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  static <T> T needed(@Nullable T value, String key) {
    if (value == null) {
      throw new IllegalArgumentException("'" + key + "' is missing");
    }
    return value;
  }

  /** The program, and whatever else is read with it. */
  List<Path> files() {
    return Stream.concat(Stream.of(file), boxes.stream().flatMap(each -> each.file().stream()))
        .toList();
  }
}

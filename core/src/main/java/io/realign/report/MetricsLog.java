package io.realign.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.realign.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A training run's {@code metrics.jsonl}: one JSON object a line.
 *
 * <p>A run that was killed may leave half a line at the end; it is left out and {@link #warning}
 * says so. A resumed run repeats the steps after its checkpoint; the later line of a step counts.
 *
 * @param entries in the order of their steps
 * @param warning what was left out, one line
 */
public record MetricsLog(List<Entry> entries, Optional<String> warning) {

  /** The file's name within a run's folder. */
  public static final String FILE = "metrics.jsonl";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Copies the list. */
  public MetricsLog {
    entries = List.copyOf(entries);
  }

  /**
   * One line. Figures that the line lacks are NaN, maps that it lacks are empty.
   *
   * @param step updates so far
   * @param epoch passes over the data so far
   * @param images images seen so far
   * @param seconds time spent so far
   * @param imagesPerSecond speed since the last line
   * @param losses by name, in the file's order
   * @param validation accuracies in [0,1] by name, empty where the step was not validated
   */
  public record Entry(
      long step,
      double epoch,
      double images,
      double seconds,
      double imagesPerSecond,
      Map<String, Double> losses,
      Map<String, Double> validation) {}

  /**
   * Reads a log.
   *
   * @throws InputException naming the file and line that is no metrics object; a broken last line
   *     only warns
   */
  public static MetricsLog read(Path file) {
    try {
      // decoded leniently: a killed run may leave half a character
      return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file);
    } catch (NoSuchFileException e) {
      throw new InputException(file + " is missing; a training run writes one", e);
    } catch (IOException e) {
      throw new InputException(file + " could not be read: " + e.getMessage(), e);
    }
  }

  private static MetricsLog parse(String text, Path file) {
    List<String> lines = text.lines().toList();
    List<Entry> entries = new ArrayList<>();
    @Nullable String warning = null;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      try {
        Entry entry = entry(MAPPER.readTree(lines.get(i)));
        while (!entries.isEmpty() && entries.getLast().step() >= entry.step()) {
          entries.removeLast();
        }
        entries.add(entry);
      } catch (JsonProcessingException | InputException e) {
        String where = "%s, line %d".formatted(file.getFileName(), i + 1);
        if (i < lines.size() - 1) {
          String problem =
              e instanceof JsonProcessingException json
                  ? "no JSON: " + ResultsJson.firstLine(json)
                  : String.valueOf(e.getMessage());
          throw new InputException("%s, line %d: %s".formatted(file, i + 1, problem), e);
        }
        warning = where + " is torn and was left out: the run was stopped while writing it";
      }
    }
    return new MetricsLog(entries, Optional.ofNullable(warning));
  }

  private static Entry entry(JsonNode node) {
    if (!node.isObject() || !node.path("step").isIntegralNumber()) {
      throw new InputException("expected an object with a whole-numbered step");
    }
    return new Entry(
        node.get("step").longValue(),
        number(node.path("epoch")),
        number(node.path("images")),
        number(node.path("seconds")),
        number(node.path("images_per_second")),
        numbers(node.path("loss")),
        numbers(node.path("validation")));
  }

  private static double number(JsonNode node) {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }

  private static Map<String, Double> numbers(JsonNode node) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    node.forEachEntry((name, value) -> numbers.put(name, number(value)));
    return Collections.unmodifiableMap(numbers);
  }

  /**
   * The log as panels: one per loss term, then the validation figures in one, then the speed.
   *
   * @return no panel for what was never logged
   */
  public List<Panel> panels() {
    List<Panel> panels = new ArrayList<>();
    List<Panel.Curve> validation = curves(Entry::validation);
    if (!validation.isEmpty()) {
      panels.add(new Panel("Validation", Panel.Scale.PERCENT, Panel.STEP, validation));
    }
    for (Panel.Curve curve : curves(Entry::losses)) {
      panels.add(new Panel("Loss: " + curve.name(), Panel.Scale.LOSS, Panel.STEP, List.of(curve)));
    }
    List<Panel.Curve> speed = curves(entry -> Map.of("images/s", entry.imagesPerSecond()));
    if (!speed.isEmpty()) {
      panels.add(new Panel("Images per second", Panel.Scale.LINEAR, Panel.STEP, speed));
    }
    return panels;
  }

  private List<Panel.Curve> curves(Function<Entry, Map<String, Double>> figures) {
    Map<String, List<Panel.Point>> byName = new LinkedHashMap<>();
    for (Entry entry : entries) {
      figures
          .apply(entry)
          .forEach(
              (name, value) -> {
                if (Double.isFinite(value)) {
                  byName
                      .computeIfAbsent(name, k -> new ArrayList<>())
                      .add(new Panel.Point(entry.step(), value));
                }
              });
    }
    List<Panel.Curve> curves = new ArrayList<>();
    byName.forEach((name, points) -> curves.add(new Panel.Curve(name, points)));
    return curves;
  }
}

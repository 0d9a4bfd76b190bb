package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Sweep;
import io.realign.evaluate.Threat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The metric over the radius and over the steps of an attack, as two charts. */
final class SweepSection {

  static final String LEAD =
      "PGD on cross-entropy. With a radius that hides the image, nothing should stay right; and"
          + " more steps should never help the defender. Where a line stays up, the attack has"
          + " missed something.";

  private final List<Result> results;

  private SweepSection(List<Result> results) {
    this.results = results;
  }

  /** The charts of a {@link Sweep}; none without points. */
  static List<Panel> panels(List<Result> results) {
    SweepSection section = new SweepSection(results);
    List<Panel> panels = new ArrayList<>();
    String metric = Text.capital(ResultMatrix.of(results).metric());
    section.add(
        panels,
        "%s over ε (%d steps)".formatted(metric, Sweep.USUAL_STEPS),
        "ε, in 255ths",
        section.radii());
    section.add(
        panels,
        "%s over steps (ε %d/255)".formatted(metric, Math.round(255 * Sweep.USUAL_RADIUS)),
        "steps",
        section.steps());
    return panels;
  }

  private void add(
      List<Panel> panels, String title, String axis, Map<String, List<Panel.Point>> series) {
    List<Panel.Curve> curves = new ArrayList<>();
    series.forEach(
        (name, points) -> {
          points.sort(Comparator.comparingDouble(Panel.Point::step));
          curves.add(new Panel.Curve(name, points));
        });
    if (!curves.isEmpty()) {
      panels.add(new Panel(title, Panel.Scale.PERCENT, axis, curves));
    }
  }

  private Map<String, List<Panel.Point>> radii() {
    Map<String, List<Panel.Point>> series = new LinkedHashMap<>();
    for (Result result : attacked()) {
      if (number(result, "steps") != Sweep.USUAL_STEPS) {
        continue;
      }
      List<Panel.Point> points = series.computeIfAbsent(name(result), n -> new ArrayList<>());
      if (points.isEmpty()) { // radius 0: the clean images
        results.stream()
            .filter(r -> r.attack() == null && Objects.equals(r.defense(), result.defense()))
            .forEach(r -> points.add(new Panel.Point(0, r.value())));
      }
      points.add(new Panel.Point(255 * number(result, "epsilon"), result.value()));
    }
    return series;
  }

  private Map<String, List<Panel.Point>> steps() {
    Map<String, List<Panel.Point>> series = new LinkedHashMap<>();
    for (Result result : attacked()) {
      if (Math.abs(number(result, "epsilon") - Sweep.USUAL_RADIUS) < 1e-9) {
        series
            .computeIfAbsent(name(result), n -> new ArrayList<>())
            .add(new Panel.Point(number(result, "steps"), result.value()));
      }
    }
    return series;
  }

  /** The undefended target's records are there once for each threat: they are the same. */
  private List<Result> attacked() {
    Threat first =
        results.stream().map(Result::threat).filter(Objects::nonNull).findFirst().orElse(null);
    return results.stream()
        .filter(r -> r.attack() != null && (r.defense() != null || r.threat() == first))
        .toList();
  }

  private static String name(Result result) {
    return result.defense() == null || result.threat() == null
        ? "no defense"
        : "defended, " + Text.threat(result.threat());
  }

  private static double number(Result result, String parameter) {
    Object value = result.attack() == null ? null : result.attack().parameters().get(parameter);
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}

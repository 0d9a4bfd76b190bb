package io.realign.serve;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET …/curves}: the metric over ε as {@code evaluate} measured it, from the results that
 * the model was given; no series without any.
 */
final class CurvesEndpoint implements Endpoint {

  /** What makes one line. */
  private record Series(
      String defense,
      String threat,
      String attack,
      String steps,
      String dataset,
      String split,
      long images)
      implements Comparable<Series> {

    private static final Comparator<Series> ORDER =
        Comparator.comparing(Series::attack)
            .thenComparing(Series::steps)
            .thenComparing(Series::defense)
            .thenComparing(Series::threat)
            .thenComparing(Series::dataset)
            .thenComparing(Series::split)
            .thenComparing(Series::images);

    static Series of(Result result, Result.AttackCell attack) {
      Threat threat = result.threat();
      String defense = result.defense();
      return new Series(
          defense == null ? "" : defense,
          defense == null || threat == null
              ? ""
              : threat.name().toLowerCase(Locale.ROOT).replace('_', '-'),
          attack.name(),
          String.valueOf(attack.parameters().getOrDefault("steps", "")),
          result.dataset(),
          result.split(),
          result.n());
    }

    @Override
    public int compareTo(Series other) {
      return ORDER.compare(this, other);
    }
  }

  /** The metric at a radius. */
  record Point(@JsonProperty("epsilon") double epsilon, @JsonProperty("value") double value) {}

  @Override
  public Answer answer(Exchange exchange) {
    exchange.only(Set.of());
    List<Result> results = exchange.model().results();
    Map<Series, TreeMap<Double, Result>> curves = new TreeMap<>();
    for (Result result : results) {
      Result.AttackCell attack = result.attack();
      if (attack != null && isOnItself(result) && "linf".equals(attack.parameters().get("norm"))) {
        TreeMap<Double, Result> points =
            curves.computeIfAbsent(Series.of(result, attack), series -> new TreeMap<>());
        points.put(number(attack.parameters().get("epsilon")), result);
        clean(results, result).ifPresent(unattacked -> points.put(0.0, unattacked));
      }
    }
    return Answer.json(
        Map.of(
            "series",
            curves.entrySet().stream()
                .map(curve -> told(curve.getKey(), curve.getValue()))
                .toList()));
  }

  /** Not on another net: what the bare target loses to that says nothing about its robustness. */
  private static boolean isOnItself(Result attacked) {
    return attacked.defense() != null || attacked.threat() != Threat.BLACK_BOX;
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The record of the same target and defense on the same images, clean. */
  private static Optional<Result> clean(List<Result> results, Result attacked) {
    return results.stream()
        .filter(
            result ->
                result.attack() == null
                    && Objects.equals(result.defense(), attacked.defense())
                    && result.dataset().equals(attacked.dataset())
                    && result.split().equals(attacked.split())
                    && result.n() == attacked.n())
        .findFirst();
  }

  private static Map<String, Object> told(Series series, TreeMap<Double, Result> points) {
    Result any = points.firstEntry().getValue();
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("defended", !series.defense().isEmpty());
    told.put("threat", series.threat());
    told.put("attack", series.attack());
    told.put("steps", series.steps());
    told.put("metric", any.metric());
    told.put("dataset", series.dataset());
    told.put("split", series.split());
    told.put("images", series.images());
    told.put(
        "points",
        points.entrySet().stream()
            .map(point -> new Point(point.getKey(), point.getValue().value()))
            .toList());
    return told;
  }
}

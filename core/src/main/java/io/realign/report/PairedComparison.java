package io.realign.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Two settings, each run several times: run i of the one against run i of the other, which share
 * all but the setting (the seed of the training, say).
 *
 * <p>The interval of the mean difference is Student's: mean ± t(.975, n−1)·s/√n over the n paired
 * differences. It speaks of other seeds, on the same images.
 *
 * @param base names of the runs that are compared with
 * @param other names of the runs that are compared
 * @param warnings why figures cannot be compared as they are
 * @param rows a row a column of the report
 */
public record PairedComparison(
    List<String> base, List<String> other, List<String> warnings, List<Row> rows) {

  /**
   * One figure.
   *
   * @param figure such as {@code pgd oblivious}
   * @param base its mean over the base runs, in [0,1]
   * @param other its mean over the others
   * @param differences other − base, pair by pair
   * @param mean of the differences
   * @param low end of their 95 % interval
   * @param high end
   */
  public record Row(
      String figure,
      double base,
      double other,
      List<Double> differences,
      double mean,
      double low,
      double high) {

    static Row of(String figure, List<Double> base, List<Double> other) {
      List<Double> differences =
          IntStream.range(0, base.size()).mapToObj(i -> other.get(i) - base.get(i)).toList();
      int n = differences.size();
      double mean = mean(differences);
      double squares = differences.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
      double half =
          TDistribution.of(n - 1).inverseCumulativeProbability(.975)
              * Math.sqrt(squares / (n - 1) / n);
      return new Row(figure, mean(base), mean(other), differences, mean, mean - half, mean + half);
    }

    private static double mean(List<Double> values) {
      return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Whether the interval leaves out 0. */
    @JsonProperty
    public boolean clear() {
      return low > 0 || high < 0;
    }
  }

  /**
   * Reads {@code results.json} of each folder.
   *
   * @param base runs to compare with, at least two
   * @param other as many
   * @throws InputException if the numbers differ, or no figure is in all runs
   */
  public static PairedComparison read(List<Path> base, List<Path> other) {
    if (base.size() != other.size() || base.size() < 2) {
      throw new InputException(
          "pairs of runs are compared, two or more: %d against %d cannot be"
              .formatted(base.size(), other.size()));
    }
    List<Path> all = new ArrayList<>(base);
    all.addAll(other);
    return of(CompareReport.results(all), base.size());
  }

  /** The first {@code n} runs are the base, the other n those compared. */
  static PairedComparison of(Map<String, List<Result>> runs, int n) {
    List<String> names = List.copyOf(runs.keySet());
    List<Map<String, Double>> figures =
        runs.values().stream().map(PairedComparison::figures).toList();
    List<Row> rows = new ArrayList<>();
    for (String figure : figures.getFirst().keySet()) {
      if (figures.stream().allMatch(f -> f.containsKey(figure))) {
        List<Double> values = figures.stream().map(f -> f.getOrDefault(figure, 0.0)).toList();
        rows.add(Row.of(figure, values.subList(0, n), values.subList(n, 2 * n)));
      }
    }
    if (rows.isEmpty()) {
      throw new InputException("no figure is in all of the runs " + String.join(", ", names));
    }
    return new PairedComparison(
        names.subList(0, n), names.subList(n, 2 * n), Comparability.warnings(runs), rows);
  }

  /** The figures of a run's defense, or of its target where nothing is defended. */
  private static Map<String, Double> figures(List<Result> results) {
    ResultMatrix matrix = ResultMatrix.ofRuns(Map.of("", results));
    ResultMatrix.Row row =
        matrix.rows().stream()
            .filter(r -> r.defense().isPresent())
            .findFirst()
            .orElseGet(() -> matrix.rows().getFirst());
    Map<String, Double> figures = new LinkedHashMap<>();
    row.clean().ifPresent(result -> figures.put("clean", result.value()));
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      matrix
          .threats()
          .forEach(
              threat -> {
                Optional<Result> cell = row.cell(attack, threat);
                cell.ifPresent(
                    result ->
                        figures.put(
                            attack.cell().name() + " " + Text.threat(threat), result.value()));
              });
    }
    return figures;
  }

  /** An aligned table for a terminal: {@code *} marks an interval that leaves out 0. */
  public String text() {
    List<List<String>> grid = new ArrayList<>();
    grid.add(List.of("figure, %", "base", "other", "difference", "95 % interval", "pair by pair"));
    for (Row row : rows) {
      grid.add(
          List.of(
              row.figure,
              Text.fixed(100 * row.base, 1),
              Text.fixed(100 * row.other, 1),
              Text.points(row.mean) + (row.clear() ? "*" : ""),
              Text.points(row.low) + "…" + Text.points(row.high),
              String.join(" ", row.differences.stream().map(Text::points).toList())));
    }
    StringBuilder out = new StringBuilder();
    warnings.forEach(warning -> out.append("warning: ").append(warning).append('\n'));
    return out.append("base: ")
        .append(String.join(", ", base))
        .append("\nother: ")
        .append(String.join(", ", other))
        .append("\n\n")
        .append(ResultTable.grid(grid))
        .append(
            "Differences in points. The interval is Student's over the pairs; * where it leaves out"
                + " 0.\n")
        .toString();
  }

  /** All of it, indented. */
  public String json() {
    try {
      return JsonMapper.builder()
              .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(this)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a comparison that cannot be written", e);
    }
  }
}

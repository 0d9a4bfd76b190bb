package io.realign.report;

import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Several runs side by side: a row per run and defense, the best figure of each column marked, and
 * differences to the first run with their 95 % interval.
 */
public final class CompareReport {

  private final Map<String, List<Result>> runs;
  private final ResultMatrix matrix;
  private final List<String> warnings;

  private CompareReport(Map<String, List<Result>> runs) {
    this.runs = runs;
    matrix = ResultMatrix.ofRuns(runs);
    warnings = Comparability.warnings(runs);
  }

  /**
   * Reads {@code results.json} of each folder.
   *
   * @param folders of runs, at least two; the first is what the others are compared with
   * @throws InputException naming the file that is missing or malformed
   */
  public static CompareReport read(List<Path> folders) {
    return of(results(folders));
  }

  /** The results of runs by the names of their folders, in order. */
  static Map<String, List<Result>> results(List<Path> folders) {
    Map<String, List<Result>> runs = new LinkedHashMap<>();
    for (Path folder : folders) {
      if (!Files.isDirectory(folder)) {
        throw new InputException(
            folder + " is no folder of a run; expected one that holds " + ResultsJson.FILE);
      }
      List<Result> results = ResultsJson.read(folder.resolve(ResultsJson.FILE));
      if (results.isEmpty()) {
        throw new InputException(folder.resolve(ResultsJson.FILE) + " holds no results");
      }
      String base = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
      String name = base;
      for (int i = 2; runs.containsKey(name); i++) {
        name = base + " (" + i + ")";
      }
      runs.put(name, results);
    }
    return runs;
  }

  /** Compares results by the name of their run, at least two of them. */
  public static CompareReport of(Map<String, List<Result>> runs) {
    if (runs.size() < 2) {
      throw new InputException("a comparison needs two runs or more, not " + runs.size());
    }
    return new CompareReport(new LinkedHashMap<>(runs));
  }

  /** Why the runs cannot be compared as they are; empty if they can. */
  public List<String> warnings() {
    return warnings;
  }

  /** An aligned table for a terminal: {@code *} marks the best of a column. */
  public String text() {
    StringBuilder out = new StringBuilder();
    warnings.forEach(warning -> out.append("warning: ").append(warning).append('\n'));
    return out.append(ResultTable.grid(grid(false))).append(legend("*")).append('\n').toString();
  }

  /** The same as a Markdown table. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    warnings.forEach(warning -> out.append("> ").append(escape(warning)).append("\n>\n"));
    if (!warnings.isEmpty()) {
      out.setLength(out.length() - 2);
      out.append('\n');
    }
    List<List<String>> grid = grid(true);
    for (int i = 0; i < grid.size(); i++) {
      out.append("| ").append(String.join(" | ", grid.get(i))).append(" |\n");
      if (i == 0) {
        out.append("|---|---|").append("---:|".repeat(grid.get(0).size() - 2)).append('\n');
      }
    }
    return out.append('\n').append(legend("Bold")).append('\n').toString();
  }

  /** Writes one self-contained HTML file, whole or not at all. */
  public void writeHtml(Path file) {
    AtomicFile.writeString(file, html());
  }

  /** The HTML page. */
  public String html() {
    StringBuilder body = new StringBuilder();
    warnings.forEach(warning -> body.append(Page.paragraph("note", warning)));
    body.append(Page.section("results", "Results", table()));
    for (Map.Entry<String, List<Result>> run : runs.entrySet()) {
      body.append(
          Page.section(
              "run" + new ArrayList<>(runs.keySet()).indexOf(run.getKey()),
              run.getKey(),
              Page.paragraph("lead", Verdict.of(run.getValue()))));
    }
    body.append(Page.section("words", "Words", Page.glossary()));
    return Page.of(
        "Comparison of " + runs.size() + " runs",
        "Realign · " + String.join(" · ", runs.keySet()),
        body.toString(),
        "Made by Realign.");
  }

  private record Column(String name, Optional<ResultMatrix.Attack> attack, Threat threat) {
    Optional<Result> of(ResultMatrix.Row row) {
      return attack.map(a -> row.cell(a, threat)).orElseGet(row::clean);
    }
  }

  private List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("clean", Optional.empty(), Threat.OBLIVIOUS));
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      for (Threat threat : matrix.threats()) {
        columns.add(
            new Column(
                attack.cell().name() + " " + Text.threat(threat), Optional.of(attack), threat));
      }
    }
    return columns;
  }

  private List<List<String>> grid(boolean markdown) {
    List<Column> columns = columns();
    List<List<String>> grid = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("run", "defense"));
    columns.forEach(column -> head.add(column.name()));
    grid.add(head);
    for (ResultMatrix.Row row : matrix.rows()) {
      List<String> line = new ArrayList<>();
      line.add(markdown ? escape(row.run()) : row.run());
      line.add(markdown ? escape(row.name()) : row.name());
      for (Column column : columns) {
        Optional<Result> result = column.of(row);
        String value = result.map(r -> Text.fixed(100 * r.value(), 1)).orElse("–");
        if (result.isPresent() && isBest(column, row)) {
          value = markdown ? "**" + value + "**" : value + "*";
        }
        line.add(value + difference(column, row).map(d -> " (" + d + ")").orElse(""));
      }
      grid.add(line);
    }
    return grid;
  }

  private String table() {
    StringBuilder out = new StringBuilder();
    out.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Results\">");
    out.append("<table class=\"results\"><caption>").append(Text.html(legend("Bold ▲")));
    out.append("</caption><thead><tr><th scope=\"col\">Run</th><th scope=\"col\">Defense</th>");
    for (Column column : columns()) {
      out.append(
          "<th scope=\"col\" class=\"num\">%s<small>%s</small></th>"
              .formatted(
                  Text.html(column.attack().map(a -> Text.attack(a.cell().name())).orElse("Clean")),
                  column.attack().isPresent() ? Text.threat(column.threat()) : ""));
    }
    out.append("</tr></thead><tbody>\n");
    for (ResultMatrix.Row row : matrix.rows()) {
      out.append(
          "<tr><th scope=\"row\">%s</th><td>%s</td>"
              .formatted(Text.html(row.run()), Text.html(row.name())));
      for (Column column : columns()) {
        boolean best = isBest(column, row);
        out.append(
            column
                .of(row)
                .map(
                    r ->
                        "<td class=\"num%s\" title=\"n = %s, 95 %% interval %s\">%s%s<small>%s</small></td>"
                            .formatted(
                                best ? " best" : "",
                                Text.count(r.n()),
                                Text.range(r.interval()),
                                best ? "<span class=\"up\" aria-label=\"best\">▲</span> " : "",
                                Text.fixed(100 * r.value(), 1),
                                difference(column, row).orElse(Text.range(r.interval()))))
                .orElse("<td class=\"num none\">–</td>"));
      }
      out.append("</tr>\n");
    }
    return out.append("</tbody></table></div>\n").toString();
  }

  /** The highest of the defended rows, or of all where none is defended. */
  private boolean isBest(Column column, ResultMatrix.Row row) {
    boolean defended = matrix.rows().stream().anyMatch(r -> r.defense().isPresent());
    if (defended && row.defense().isEmpty()) {
      return false;
    }
    DoubleSummaryStatistics values =
        matrix.rows().stream()
            .filter(r -> !defended || r.defense().isPresent())
            .flatMap(r -> column.of(r).stream())
            .mapToDouble(Result::value)
            .summaryStatistics();
    return values.getMin() < values.getMax() // where all are equal none is best
        && column.of(row).map(r -> r.value() == values.getMax()).orElse(false);
  }

  /** {@code "+3.1, −0.2…+6.4"} against the first run's row of the same sort. */
  private Optional<String> difference(Column column, ResultMatrix.Row row) {
    Optional<ResultMatrix.Row> first =
        matrix.rows().stream()
            .filter(r -> r.run().equals(matrix.rows().get(0).run()))
            .filter(r -> r.defense().isPresent() == row.defense().isPresent())
            .findFirst();
    if (first.isEmpty() || first.get().run().equals(row.run())) {
      return Optional.empty();
    }
    return first
        .flatMap(column::of)
        .flatMap(
            base ->
                column
                    .of(row)
                    .map(
                        other -> {
                          Difference d = Difference.of(base, other);
                          return "%s, %s…%s"
                              .formatted(
                                  Text.points(d.value()),
                                  Text.points(d.low()),
                                  Text.points(d.high()));
                        }));
  }

  private String legend(String mark) {
    return mark
        + " is the best figure of a column among the defended. "
        + Text.capital(matrix.metric())
        + " in per cent; differences to the first run in points, with their 95 % interval"
        + " (Newcombe, for independent samples).";
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("_", "\\_");
  }

  /**
   * The difference of two figures with its 95 % interval from those of the two, by Newcombe's
   * hybrid (Statistics in Medicine 17, 1998, method 10, of two Wilson intervals; for intervals of
   * any other metric Zou and Donner, Statistics in Medicine 27, 2008).
   */
  record Difference(double value, double low, double high) {

    static Difference of(Result base, Result other) {
      return of(base.value(), base.interval(), other.value(), other.interval());
    }

    static Difference of(double base, Interval ofBase, double other, Interval ofOther) {
      double difference = other - base;
      return new Difference(
          difference,
          difference - Math.hypot(other - ofOther.low(), ofBase.high() - base),
          difference + Math.hypot(ofOther.high() - other, base - ofBase.low()));
    }
  }
}

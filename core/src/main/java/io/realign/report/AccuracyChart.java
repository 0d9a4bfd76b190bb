package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Every accuracy with its interval on one axis from 0 to 100 %, as inline SVG. */
final class AccuracyChart {

  private static final int WIDTH = 640;
  private static final int LEFT = 150;
  private static final int RIGHT = 20;
  private static final int LANE = 15;

  private final ResultMatrix matrix;

  AccuracyChart(ResultMatrix matrix) {
    this.matrix = matrix;
  }

  private record Mark(String style, String words, Result result) {}

  String figure() {
    StringBuilder marks = new StringBuilder();
    int y = 14;
    y = group(marks, y, "Clean", cleanMarks());
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      y = group(marks, y, Text.attack(attack.cell().name()), attackMarks(attack));
    }
    int height = y + 24;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg class=\"wide\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Accuracy by attack with 95 %% intervals; the table holds the same figures\">"
            .formatted(WIDTH, height));
    for (int tick = 0; tick <= 100; tick += 20) {
      svg.append(LineChart.line("grid", x(tick / 100.0), 4, x(tick / 100.0), y));
      svg.append(LineChart.text("middle", x(tick / 100.0), y + 17, tick + " %"));
    }
    return "<figure class=\"accuracy\">"
        + svg.append(marks).append("</svg>")
        + legend()
        + "</figure>";
  }

  private List<Mark> cleanMarks() {
    List<Mark> marks = new ArrayList<>();
    for (ResultMatrix.Row row : matrix.rows()) {
      row.clean()
          .ifPresent(
              r ->
                  marks.add(
                      new Mark(row.defense().isEmpty() ? "bare" : "oblivious", row.name(), r)));
    }
    return marks;
  }

  private List<Mark> attackMarks(ResultMatrix.Attack attack) {
    List<Mark> marks = new ArrayList<>();
    for (ResultMatrix.Row row : matrix.rows()) {
      if (row.defense().isEmpty()) {
        row.cell(attack, Threat.OBLIVIOUS).ifPresent(r -> marks.add(new Mark("bare", "none", r)));
        continue;
      }
      for (Threat threat : matrix.threats()) {
        row.cell(attack, threat)
            .ifPresent(
                r ->
                    marks.add(
                        new Mark(Text.threat(threat), row.name() + ", " + Text.threat(threat), r)));
      }
    }
    return marks;
  }

  private int group(StringBuilder svg, int y, String name, List<Mark> marks) {
    if (marks.isEmpty()) {
      return y;
    }
    double middle = y + (marks.size() - 1) * LANE / 2.0;
    svg.append(LineChart.text("name", 0, middle + 4.5, name));
    for (int i = 0; i < marks.size(); i++) {
      svg.append(mark(marks.get(i), y + i * LANE));
    }
    return y + marks.size() * LANE + 12;
  }

  private static String mark(Mark mark, double y) {
    Result r = mark.result();
    String title =
        "<title>%s: %s, 95 %% interval %s, n = %s</title>"
            .formatted(
                Text.html(mark.words()),
                Text.percent(r.value()),
                Text.range(r.interval()),
                Text.count(r.n()));
    return "<g class=\"%s\">%s%s%s</g>"
        .formatted(
            mark.style(),
            title,
            LineChart.line("whisker", x(r.interval().low()), y, x(r.interval().high()), y),
            shape(mark.style(), x(r.value()), y));
  }

  private static String shape(String style, double x, double y) {
    return switch (style) {
      case "bare" ->
          String.format(
              Locale.ROOT,
              "<rect class=\"mark\" x=\"%.1f\" y=\"%.1f\" width=\"7.6\" height=\"7.6\"/>",
              x - 3.8,
              y - 3.8);
      case Text.ADAPTIVE ->
          String.format(
              Locale.ROOT,
              "<path class=\"mark\" d=\"M%.1f %.1fl5.4 5.4-5.4 5.4-5.4-5.4z\"/>",
              x,
              y - 5.4);
      default ->
          String.format(
              Locale.ROOT, "<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.4\"/>", x, y);
    };
  }

  private String legend() {
    StringBuilder list = new StringBuilder("<ul class=\"legend\">");
    if (matrix.rows().stream().anyMatch(row -> row.defense().isEmpty())) {
      list.append(entry("bare", "undefended"));
    }
    if (matrix.rows().stream().anyMatch(row -> row.defense().isPresent())) {
      for (Threat threat : matrix.threats()) {
        list.append(
            switch (threat) {
              case OBLIVIOUS -> entry(Text.OBLIVIOUS, "defended, oblivious attacker (or clean)");
              case ADAPTIVE -> entry(Text.ADAPTIVE, "defended, adaptive attacker");
              case BLACK_BOX -> entry(Text.BLACK_BOX, "defended, black-box attacker");
            });
      }
    }
    return list.append("</ul>").toString();
  }

  private static String entry(String style, String words) {
    return "<li><svg class=\"key\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><g class=\"%s\">%s</g></svg> %s</li>"
        .formatted(style, shape(style, 6, 6), words);
  }

  private static double x(double proportion) {
    return LEFT + proportion * (WIDTH - LEFT - RIGHT);
  }
}

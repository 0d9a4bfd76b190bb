package io.realign.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** An {@link Embedding} as one inline SVG a kind, all on the same axes. */
final class ScatterChart {

  private static final int SIZE = 300;
  private static final int MARGIN = 10;
  private static final int MOST_LABELS = 20;

  private final Embedding embedding;
  private final double left;
  private final double bottom;
  private final double span;

  ScatterChart(Embedding embedding) {
    this.embedding = embedding;
    double[] xs = embedding.points().stream().mapToDouble(Embedding.Point::x).toArray();
    double[] ys = embedding.points().stream().mapToDouble(Embedding.Point::y).toArray();
    double width = range(xs);
    double height = range(ys);
    span = Math.max(Math.max(width, height), 1e-9);
    left = Arrays.stream(xs).min().orElse(0) - (span - width) / 2;
    bottom = Arrays.stream(ys).min().orElse(0) - (span - height) / 2;
  }

  private static double range(double[] values) {
    return Arrays.stream(values).max().orElse(0) - Arrays.stream(values).min().orElse(0);
  }

  /** Whether classes are few enough to be named. */
  boolean named() {
    return embedding.classes().size() <= MOST_LABELS;
  }

  /** The points of one kind by class, over all others in grey. */
  String svg(Embedding.Kind kind) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(
                SIZE, SIZE, Text.html("t-SNE of " + kind.words + " images, coloured by class")));
    svg.append("<path class=\"ghost\" d=\"");
    embedding.points().stream()
        .filter(point -> point.kind() != kind)
        .forEach(point -> svg.append(mark(0, x(point), y(point), 1.2)));
    svg.append("\"/>");
    StringBuilder labels = new StringBuilder();
    for (int label = 0; label < embedding.classes().size(); label++) {
      int wanted = label;
      List<Embedding.Point> points =
          embedding.points().stream()
              .filter(point -> point.kind() == kind && point.label() == wanted)
              .toList();
      if (points.isEmpty()) {
        continue;
      }
      svg.append("<path class=\"c%d\" d=\"".formatted(label % 10));
      points.forEach(point -> svg.append(mark(wanted, x(point), y(point), 2.3)));
      svg.append("\"><title>").append(Text.html(embedding.classes().get(label)));
      svg.append("</title></path>");
      if (named()) {
        labels.append(
            LineChart.text(
                "label",
                Math.clamp(median(points.stream().map(this::x).toList()), 28, SIZE - 28),
                median(points.stream().map(this::y).toList()) + 4,
                embedding.classes().get(label)));
      }
    }
    return svg.append(labels).append("</svg>").toString();
  }

  /** The mark of a class for a legend. */
  String key(int label) {
    return "<svg class=\"key\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path class=\"c%d\" d=\"%s\"/></svg>"
        .formatted(label % 10, mark(label, 6, 6, 4.2));
  }

  private double x(Embedding.Point point) {
    return MARGIN + (point.x() - left) / span * (SIZE - 2 * MARGIN);
  }

  private double y(Embedding.Point point) {
    return SIZE - MARGIN - (point.y() - bottom) / span * (SIZE - 2 * MARGIN);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    sorted.sort(null);
    return sorted.get(sorted.size() / 2);
  }

  /** Circle, square, triangle, diamond or cross: classes differ by more than colour. */
  private static String mark(int label, double x, double y, double r) {
    String at = "M" + LineChart.number(x) + " " + LineChart.number(y);
    String size = LineChart.number(r);
    String twice = LineChart.number(2 * r);
    return switch (label % 5) {
      case 0 ->
          at + "m-%1$s 0a%1$s %1$s 0 1 0 %2$s 0a%1$s %1$s 0 1 0-%2$s 0z".formatted(size, twice);
      case 1 -> at + "m-%1$s-%1$sh%2$sv%2$sh-%2$sz".formatted(size, twice);
      case 2 -> at + "m0-%1$sl%1$s %2$sh-%2$sz".formatted(size, twice);
      case 3 ->
          at + "m0-%1$sl%1$s %1$sl-%1$s %1$sl-%1$s-%1$sz".formatted(LineChart.number(1.3 * r));
      default -> at + "m-%1$s-%1$sl%2$s %2$sm0-%2$sl-%2$s %2$s".formatted(size, twice);
    };
  }
}

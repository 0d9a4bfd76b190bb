package io.realign.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A {@link Panel} as inline SVG; colours come from the page's style sheet. */
final class LineChart {

  private static final int WIDTH = 340;
  private static final int HEIGHT = 200;
  private static final int LEFT = 44;
  private static final int RIGHT = 10;
  private static final int TOP = 8;
  private static final int BOTTOM = 36;
  private static final int MOST_POINTS = 300;

  private final Panel panel;
  private final boolean log;
  private final double left;
  private final double right;
  private final double low;
  private final double high;

  private LineChart(Panel panel, boolean log) {
    this.panel = panel;
    this.log = log;
    double minStep = Double.POSITIVE_INFINITY;
    double maxStep = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (Panel.Curve curve : panel.curves()) {
      for (Panel.Point point : curve.points()) {
        minStep = Math.min(minStep, point.step());
        maxStep = Math.max(maxStep, point.step());
        min = Math.min(min, scaled(point.value()));
        max = Math.max(max, scaled(point.value()));
      }
    }
    left = Math.min(minStep, maxStep - 1);
    right = maxStep;
    if (panel.scale() == Panel.Scale.PERCENT) {
      low = 0;
      high = 1;
    } else {
      double base = log ? min : Math.min(0, min);
      double pad = Math.max((max - base) * 0.04, 1e-9 + Math.abs(max) * 1e-3);
      low = base - (base == 0 ? 0 : pad);
      high = max + pad;
    }
  }

  /** Whether the panel can be drawn on a logarithmic axis. */
  static boolean loggable(Panel panel) {
    return panel.scale() == Panel.Scale.LOSS
        && panel.curves().stream()
            .flatMap(curve -> curve.points().stream())
            .allMatch(point -> point.value() > 0);
  }

  static String svg(Panel panel, boolean log) {
    return new LineChart(panel, log).draw();
  }

  /** "Loss: total over steps 10 to 1,200: total from 3.21 to 0.45". */
  static String describe(Panel panel) {
    List<String> parts = new ArrayList<>();
    for (Panel.Curve curve : panel.curves()) {
      parts.add(
          "%s from %s to %s"
              .formatted(
                  curve.name(),
                  value(panel, curve.points().getFirst().value()),
                  value(panel, curve.points().getLast().value())));
    }
    String over = panel.axis().equals(Panel.STEP) ? " over training: " : ": ";
    return panel.title() + over + String.join("; ", parts);
  }

  /** A value as the panel spells it. */
  static String value(Panel panel, double value) {
    return panel.scale() == Panel.Scale.PERCENT ? Text.percent(value) : compact(value);
  }

  private String draw() {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(WIDTH, HEIGHT, Text.html(describe(panel) + (log ? " (logarithmic)" : ""))));
    for (double tick : log ? logTicks() : ticks(low, high, 4)) {
      double y = y(tick);
      String label =
          panel.scale() == Panel.Scale.PERCENT
              ? Text.fixed(100 * tick, 0) + " %"
              : compact(log ? Math.pow(10, tick) : tick);
      svg.append(line("grid", LEFT, y, WIDTH - RIGHT, y));
      svg.append(text("end", LEFT - 6, y + 3.5, label));
    }
    for (double tick : ticks(left, right, 4)) {
      svg.append(text("middle", x(tick), HEIGHT - BOTTOM + 15, compact(tick)));
    }
    svg.append(text("middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 5, panel.axis()));
    svg.append(line("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM));
    for (int i = 0; i < panel.curves().size(); i++) {
      List<Panel.Point> points = thin(panel.curves().get(i).points());
      String series = "s" + i % 6;
      if (points.size() > 40 && panel.scale() != Panel.Scale.PERCENT) {
        svg.append(path("raw " + series, points));
        svg.append(path("line " + series, smooth(points)));
      } else {
        svg.append(path("line " + series, points));
        for (Panel.Point point : points.size() <= 40 ? points : List.<Panel.Point>of()) {
          svg.append(
              "<circle class=\"dot %s\" cx=\"%s\" cy=\"%s\" r=\"2.4\"><title>%s %s: %s</title></circle>"
                  .formatted(
                      series,
                      number(x(point.step())),
                      number(y(scaled(point.value()))),
                      Text.html(panel.axis()),
                      compact(point.step()),
                      value(panel, point.value())));
        }
      }
    }
    return svg.append("</svg>").toString();
  }

  private String path(String classes, List<Panel.Point> points) {
    StringBuilder d = new StringBuilder();
    for (Panel.Point point : points) {
      d.append(d.length() == 0 ? "M" : "L")
          .append(number(x(point.step())))
          .append(' ')
          .append(number(y(scaled(point.value()))));
    }
    return "<path class=\"%s\" d=\"%s\"/>".formatted(classes, d);
  }

  private double scaled(double value) {
    return log ? Math.log10(value) : value;
  }

  private double x(double step) {
    return LEFT + (step - left) / (right - left) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double scaled) {
    return HEIGHT - BOTTOM - (scaled - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  /** Means of equal runs of points. */
  private static List<Panel.Point> thin(List<Panel.Point> points) {
    if (points.size() <= MOST_POINTS) {
      return points;
    }
    List<Panel.Point> thin = new ArrayList<>();
    for (int i = 0; i < MOST_POINTS; i++) {
      int from = (int) ((long) i * points.size() / MOST_POINTS);
      int to = (int) ((i + 1L) * points.size() / MOST_POINTS);
      thin.add(mean(points, from, to));
    }
    return thin;
  }

  /** A centred moving average over a twentieth of the points. */
  private static List<Panel.Point> smooth(List<Panel.Point> points) {
    int reach = Math.max(1, points.size() / 40);
    List<Panel.Point> smooth = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      int half = Math.min(reach, Math.min(i, points.size() - 1 - i)); // narrower at the ends
      Panel.Point mean = mean(points, i - half, i + half + 1);
      smooth.add(new Panel.Point(points.get(i).step(), mean.value()));
    }
    return smooth;
  }

  private static Panel.Point mean(List<Panel.Point> points, int from, int to) {
    double step = 0;
    double value = 0;
    for (Panel.Point point : points.subList(from, to)) {
      step += point.step();
      value += point.value();
    }
    return new Panel.Point(step / (to - from), value / (to - from));
  }

  /** Multiples of 1, 2 or 5 times a power of ten, about {@code wanted} of them. */
  static List<Double> ticks(double low, double high, int wanted) {
    double rough = (high - low) / wanted;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double unit = rough / power;
    double step = power * (unit > 7 ? 10 : unit > 3 ? 5 : unit > 1.4 ? 2 : 1);
    List<Double> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
      ticks.add(k * step);
    }
    return ticks;
  }

  /** Powers of ten, with 2 and 5 between them on a short axis. */
  private List<Double> logTicks() {
    List<Double> ticks = new ArrayList<>();
    for (int power = (int) Math.floor(low); power <= high; power++) {
      for (double factor : high - low < 2 ? new double[] {1, 2, 5} : new double[] {1}) {
        double tick = power + Math.log10(factor);
        if (tick >= low && tick <= high) {
          ticks.add(tick);
        }
      }
    }
    return ticks.isEmpty() ? List.of((low + high) / 2) : ticks;
  }

  /** Three digits at most: {@code 1.2k}, {@code 0.031}. */
  static String compact(double value) {
    double size = Math.abs(value);
    if (size >= 999_500) {
      return shortest(value / 1e6, 2) + "M";
    }
    if (size >= 1000) {
      return shortest(value / 1e3, 1) + "k";
    }
    if (size != 0 && size < 0.001) {
      return String.format(Locale.ROOT, "%.0e", value).replace("e-0", "e−").replace("e-", "e−");
    }
    return shortest(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  }

  private static String shortest(double value, int decimals) {
    String text = Text.fixed(value, decimals);
    return text.indexOf('.') < 0 ? text : text.replaceAll("\\.?0+$", "");
  }

  static String number(double value) {
    return shortest(value, 1);
  }

  static String line(String style, double x1, double y1, double x2, double y2) {
    return "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
        .formatted(style, number(x1), number(y1), number(x2), number(y2));
  }

  static String text(String anchor, double x, double y, String content) {
    return "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>"
        .formatted(anchor, number(x), number(y), Text.html(content));
  }
}

package io.realign.report;

import java.util.List;

/**
 * Points of feature space on a plane (figure 1 of the paper), all kinds laid out together.
 *
 * @param points at least one
 * @param classes names by label
 */
public record Embedding(List<Point> points, List<String> classes) {

  /** What an image is. */
  public enum Kind {
    /** x_c. */
    CLEAN("x_c", "clean"),
    /** x_a. */
    ATTACKED("x_a", "attacked"),
    /** x̂_a. */
    REPAIRED("x̂_a", "attacked, then repaired"),
    /** x̂_c. */
    REPAIRED_CLEAN("x̂_c", "clean, then repaired");

    final String symbol;
    final String words;

    Kind(String symbol, String words) {
      this.symbol = symbol;
      this.words = words;
    }
  }

  /** An image at (x, y) with its true class. */
  public record Point(double x, double y, Kind kind, int label) {}

  /** Copies the lists and checks coordinates and labels. */
  public Embedding {
    points = List.copyOf(points);
    classes = List.copyOf(classes);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("an embedding needs points");
    }
    for (Point point : points) {
      if (point.label() < 0 || point.label() >= classes.size()) {
        throw new IllegalArgumentException(
            "label %d of %d classes".formatted(point.label(), classes.size()));
      }
      if (!Double.isFinite(point.x()) || !Double.isFinite(point.y())) {
        throw new IllegalArgumentException("an embedding needs finite points");
      }
    }
  }
}

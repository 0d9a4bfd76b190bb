package io.realign.report;

import java.util.List;

/**
 * One chart: curves over the step of a training, or over something else.
 *
 * @param title what is drawn
 * @param scale how the values are shown
 * @param axis what a point's step counts
 * @param curves at least one, each with at least one point
 */
public record Panel(String title, Scale scale, String axis, List<Curve> curves) {

  /** Over the step of a training. */
  public static final String STEP = "step";

  /** How values are shown. */
  public enum Scale {
    /** Proportions in [0,1], shown as per cent. */
    PERCENT,
    /** Losses: linear, and logarithmic at the reader's choice where all are positive. */
    LOSS,
    /** As they are. */
    LINEAR
  }

  /** A named line, its points in the order of their steps. */
  public record Curve(String name, List<Point> points) {
    /** Copies the list. */
    public Curve {
      points = List.copyOf(points);
      if (points.isEmpty()) {
        throw new IllegalArgumentException("curve " + name + " has no points");
      }
    }
  }

  /** A finite value at a step. */
  public record Point(double step, double value) {}

  /** Copies the list. */
  public Panel {
    curves = List.copyOf(curves);
    if (curves.isEmpty()) {
      throw new IllegalArgumentException("panel " + title + " has no curves");
    }
  }
}

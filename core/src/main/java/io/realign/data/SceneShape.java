package io.realign.data;

import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Locale;
import java.util.SplittableRandom;

/** The object classes of {@link Scenes}; written in the order of their labels. */
enum SceneShape {
  DISC(0),
  RING(1),
  SQUARE(2),
  TRIANGLE(3),
  STAR(4),
  CROSS(5),
  CRESCENT(6),
  ARROW(7),
  HEART(8),
  BOLT(9);

  private static final int ARC_POINTS = 24;

  private final int label;

  SceneShape(int label) {
    this.label = label;
  }

  int label() {
    return label;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** An upright outline of random proportions, about 2 wide and high around the origin. */
  Shape outline(SplittableRandom random) {
    return switch (this) {
      case DISC -> ellipse(1, random.nextDouble(0.85, 1));
      case RING -> ring(random.nextDouble(0.45, 0.65));
      case SQUARE -> new Rectangle2D.Double(-1, -1, 2, random.nextDouble(1.7, 2));
      case TRIANGLE -> polygon(random.nextDouble(-0.3, 0.3), -1, 1, 0.8, -1, 0.8);
      case STAR -> star(5, random.nextDouble(0.38, 0.48));
      case CROSS -> cross(random.nextDouble(0.26, 0.38));
      case CRESCENT -> crescent(random.nextDouble(0.45, 0.6), random.nextDouble(0.8, 0.9));
      case ARROW -> arrow(random.nextDouble(0.18, 0.3), random.nextDouble(-0.2, 0.1));
      case HEART -> heart(random.nextDouble(-0.55, -0.35));
      case BOLT -> bolt(random.nextDouble(-0.08, 0.08));
    };
  }

  private static Ellipse2D ellipse(double rx, double ry) {
    return new Ellipse2D.Double(-rx, -ry, 2 * rx, 2 * ry);
  }

  private static Shape ring(double inner) {
    Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
    path.append(ellipse(1, 1), false);
    path.append(ellipse(inner, inner), false);
    return path;
  }

  private static Shape star(int points, double inner) {
    double[] xy = new double[4 * points];
    for (int i = 0; i < 2 * points; i++) {
      double radius = i % 2 == 0 ? 1 : inner;
      double angle = Math.PI * i / points;
      xy[2 * i] = radius * Math.sin(angle);
      xy[2 * i + 1] = -radius * Math.cos(angle);
    }
    return polygon(xy);
  }

  private static Shape cross(double w) {
    return polygon(
        -w, -1, w, -1, w, -w, 1, -w, 1, w, w, w, w, 1, -w, 1, -w, w, -1, w, -1, -w, -w, -w);
  }

  /** The unit disc without a disc of radius r at (d, 0). */
  private static Shape crescent(double d, double r) {
    double x = (d * d + 1 - r * r) / (2 * d); // the outlines meet at (x, ±y)
    double y = Math.sqrt(1 - x * x);
    double outer = Math.atan2(y, x);
    double inner = Math.atan2(y, x - d);
    double[] xy = new double[4 * ARC_POINTS];
    for (int i = 0; i < ARC_POINTS; i++) {
      double t = (double) i / (ARC_POINTS - 1);
      double out = outer + t * 2 * (Math.PI - outer);
      double in = inner + (1 - t) * 2 * (Math.PI - inner);
      xy[2 * i] = Math.cos(out);
      xy[2 * i + 1] = Math.sin(out);
      xy[2 * (ARC_POINTS + i)] = d + r * Math.cos(in);
      xy[2 * (ARC_POINTS + i) + 1] = r * Math.sin(in);
    }
    return polygon(xy);
  }

  private static Shape arrow(double shaft, double neck) {
    return polygon(0, -1, 0.8, neck, shaft, neck, shaft, 1, -shaft, 1, -shaft, neck, -0.8, neck);
  }

  private static Shape heart(double dip) {
    Path2D path = new Path2D.Double();
    path.moveTo(0, dip);
    path.curveTo(0.2, -1.2, 1.15, -1.05, 1, -0.25);
    path.curveTo(0.9, 0.25, 0.35, 0.55, 0, 1);
    path.curveTo(-0.35, 0.55, -0.9, 0.25, -1, -0.25);
    path.curveTo(-1.15, -1.05, -0.2, -1.2, 0, dip);
    path.closePath();
    return path;
  }

  private static Shape bolt(double lean) {
    return polygon(
        0.1 + lean,
        -1,
        0.75 + lean,
        -1,
        0.25,
        -0.25,
        0.7,
        -0.25,
        -0.4 - lean,
        1,
        -0.1,
        0.1,
        -0.6,
        0.1);
  }

  private static Shape polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }
}

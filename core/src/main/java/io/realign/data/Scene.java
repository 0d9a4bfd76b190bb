package io.realign.data;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The drawing of one image of {@link Scenes}: background, clutter, objects, light. */
final class Scene {

  private static final int TRIES = 8;
  private static final int SOLID = 128; // from this coverage on a pixel belongs to the object
  private static final double LEAST_VISIBLE = 0.5; // of an object, once others lie on it

  private static final double LEAST_CONTRAST = 0.5; // of object and background, length in RGB

  private final SplittableRandom random;
  private final SceneCanvas canvas;
  private final int side;
  private final int[] owner; // 0 background, i + 1 the i-th object
  private final List<SceneShape> objects = new ArrayList<>();
  private final List<Integer> areas = new ArrayList<>(); // of the objects, before others hid them
  private final float[] near; // the background's two ends
  private final float[] far;

  Scene(SplittableRandom random, int side) {
    this.random = random;
    this.side = side;
    this.canvas = new SceneCanvas(side);
    this.owner = new int[side * side];
    this.near = colour();
    this.far = blend(near, colour(), 0.5f);
    background();
  }

  private void background() {
    double angle = random.nextDouble(2 * Math.PI);
    float a = (float) Math.cos(angle);
    float b = (float) Math.sin(angle);
    SceneTexture coarse = SceneTexture.any(random);
    SceneTexture fine = SceneTexture.noise(random, 12);
    float coarseness = (float) random.nextDouble(0.02, 0.08);
    float[] tint = {tint(), tint(), tint()};
    canvas.fill(
        (c, u, v) -> {
          float t = 0.5f + 0.7f * (a * (u - 0.5f) + b * (v - 0.5f));
          return near[c]
              + t * (far[c] - near[c])
              + coarseness * tint[c] * coarse.at(u, v)
              + 0.04f * fine.at(u, v);
        });
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      clutter();
    }
  }

  private float tint() {
    return (float) random.nextDouble(0.4, 1.6);
  }

  /** A blotch or a curved line: of no class. */
  private void clutter() {
    float[] colour = blend(blend(near, far, (float) random.nextDouble()), colour(), 0.6f);
    Shape shape;
    if (random.nextBoolean()) {
      double width = side * random.nextDouble(0.08, 0.3);
      double height = side * random.nextDouble(0.04, 0.12);
      AffineTransform place = AffineTransform.getTranslateInstance(point(), point());
      place.rotate(random.nextDouble(Math.PI));
      shape =
          place.createTransformedShape(
              new Ellipse2D.Double(-width / 2, -height / 2, width, height));
    } else {
      shape =
          new BasicStroke((float) (side * random.nextDouble(0.015, 0.05)))
              .createStrokedShape(
                  new CubicCurve2D.Double(
                      point(), point(), point(), point(), point(), point(), point(), point()));
    }
    float opacity = (float) random.nextDouble(0.2, 0.6);
    canvas.fill(canvas.coverage(shape), opacity, (c, u, v) -> colour[c]);
  }

  private double point() {
    return side * random.nextDouble(-0.1, 1.1);
  }

  /**
   * Draws an object over what is there; leaves it out if it would hide another too far.
   *
   * @param extent the longer side of its box, as a part of the frame
   */
  void add(SceneShape kind, double extent) {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      byte[] coverage = canvas.coverage(place(kind.outline(random), extent * side));
      int area = solid(coverage);
      if (area > 0 && othersStayVisible(coverage)) {
        paint(coverage);
        objects.add(kind);
        areas.add(area);
        for (int i = 0; i < owner.length; i++) {
          if ((coverage[i] & 0xff) >= SOLID) {
            owner[i] = objects.size();
          }
        }
        return;
      }
    }
  }

  private static int solid(byte[] coverage) {
    int area = 0;
    for (byte value : coverage) {
      if ((value & 0xff) >= SOLID) {
        area++;
      }
    }
    return area;
  }

  private Shape place(Shape outline, double extent) {
    AffineTransform pose = AffineTransform.getRotateInstance(random.nextDouble(-0.3, 0.3));
    pose.shear(random.nextDouble(-0.15, 0.15), 0);
    pose.scale((random.nextBoolean() ? 1 : -1) * random.nextDouble(0.85, 1.15), 1);
    Shape posed = pose.createTransformedShape(outline);
    Rectangle2D box = posed.getBounds2D();
    double scale = extent / Math.max(box.getWidth(), box.getHeight());
    double freeX = side - scale * box.getWidth();
    double freeY = side - scale * box.getHeight();
    AffineTransform fit =
        AffineTransform.getTranslateInstance(
            random.nextDouble() * freeX, random.nextDouble() * freeY);
    fit.scale(scale, scale);
    fit.translate(-box.getX(), -box.getY());
    return fit.createTransformedShape(posed);
  }

  private boolean othersStayVisible(byte[] coverage) {
    int[] left = new int[objects.size() + 1];
    for (int i = 0; i < owner.length; i++) {
      if ((coverage[i] & 0xff) < SOLID) {
        left[owner[i]]++;
      }
    }
    for (int i = 0; i < areas.size(); i++) {
      if (left[i + 1] < LEAST_VISIBLE * areas.get(i)) {
        return false;
      }
    }
    return true;
  }

  private void paint(byte[] coverage) {
    int dx = (int) Math.round(side * random.nextDouble(-0.06, 0.06));
    int dy = (int) Math.round(side * random.nextDouble(0.02, 0.08));
    canvas.shade(coverage, dx, dy, (float) random.nextDouble(0.1, 0.35));
    float[] colour = contrasting();
    SceneTexture texture = SceneTexture.any(random);
    float depth = (float) random.nextDouble(0.02, 0.07);
    double angle = random.nextDouble(2 * Math.PI);
    float a = (float) (0.25 * Math.cos(angle));
    float b = (float) (0.25 * Math.sin(angle));
    canvas.fill(
        coverage,
        1,
        (c, u, v) -> colour[c] * (1 + a * (u - 0.5f) + b * (v - 0.5f)) + depth * texture.at(u, v));
  }

  /** A colour that stands out from both ends of the background. */
  private float[] contrasting() {
    float[] best = colour();
    for (int i = 0; i < 30 && distance(best) < LEAST_CONTRAST; i++) {
      float[] other = colour();
      if (distance(other) > distance(best)) {
        best = other;
      }
    }
    return best;
  }

  private double distance(float[] colour) {
    double toNear = 0;
    double toFar = 0;
    for (int c = 0; c < 3; c++) {
      toNear += (colour[c] - near[c]) * (colour[c] - near[c]);
      toFar += (colour[c] - far[c]) * (colour[c] - far[c]);
    }
    return Math.sqrt(Math.min(toNear, toFar));
  }

  private float[] colour() {
    int rgb =
        java.awt.Color.HSBtoRGB(
            (float) random.nextDouble(),
            (float) random.nextDouble(0.1, 0.85),
            (float) random.nextDouble(0.25, 0.95));
    return new float[] {(rgb >> 16 & 0xff) / 255f, (rgb >> 8 & 0xff) / 255f, (rgb & 0xff) / 255f};
  }

  private static float[] blend(float[] a, float[] b, float t) {
    float[] mix = new float[3];
    for (int c = 0; c < 3; c++) {
      mix[c] = a[c] + t * (b[c] - a[c]);
    }
    return mix;
  }

  /** The finished image; its label is the class of the object with most visible pixels. */
  Sample develop() {
    canvas.light(random.nextDouble(2 * Math.PI), (float) random.nextDouble(0, 0.25));
    canvas.blur((float) random.nextDouble(0, 0.5));
    double noise = random.nextDouble(0.005, 0.025);
    byte[] mask = new byte[owner.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (owner[i] == 0 ? 0 : objects.get(owner[i] - 1).label() + 1);
    }
    List<Box> boxes = new ArrayList<>();
    int label = 0;
    int most = 0;
    for (int k = 0; k < objects.size(); k++) {
      int left = side;
      int top = side;
      int right = 0;
      int bottom = 0;
      int pixels = 0;
      for (int i = 0; i < owner.length; i++) {
        if (owner[i] == k + 1) {
          left = Math.min(left, i % side);
          right = Math.max(right, i % side + 1);
          top = Math.min(top, i / side);
          bottom = Math.max(bottom, i / side + 1);
          pixels++;
        }
      }
      boxes.add(new Box(objects.get(k).label(), left, top, right, bottom));
      if (pixels > most) {
        most = pixels;
        label = objects.get(k).label();
      }
    }
    return new Sample(
        canvas.develop(random, noise), new Annotation(label, mask, List.copyOf(boxes)));
  }
}

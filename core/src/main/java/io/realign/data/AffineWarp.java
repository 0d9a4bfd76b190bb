package io.realign.data;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A rotation and a zoom about the centre of some of the images.
 *
 * <p>A target knows its own training images too well, and under the usual crops and flips still
 * does; turned ones it sees as it sees new images. Colours are interpolated bilinearly, beyond the
 * frame the image is mirrored. Mask values come from the nearest pixel and are unknown (255) beyond
 * the frame. A box becomes the smallest upright one around what it turned into, cut at the frame.
 *
 * @param share probability that an image is changed, in [0,1]
 * @param degrees largest angle, either way, in [0,180]
 * @param zoom largest change of size, as a part of it, in [0,1)
 */
public record AffineWarp(double share, double degrees, double zoom) implements Augmentation {

  static final byte GREY = (byte) 128;

  /** Checks the ranges. */
  public AffineWarp {
    if (!(share >= 0 && share <= 1)
        || !(degrees >= 0 && degrees <= 180)
        || !(zoom >= 0 && zoom < 1)) {
      throw new IllegalArgumentException(
          "a warp of a share %s by %s° and %s: they must be in [0,1], [0,180] and [0,1)"
              .formatted(share, degrees, zoom));
    }
  }

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    if (random.nextDouble() >= share) {
      return sample;
    }
    double angle = Math.toRadians(degrees * (2 * random.nextDouble() - 1));
    double size = 1 + zoom * (2 * random.nextDouble() - 1);
    return warp(sample, angle, size);
  }

  /** The image turned clockwise by {@code angle}, in radians, and {@code size} times as large. */
  static Sample warp(Sample sample, double angle, double size) {
    return new View(angle, size, 0, 0, Beyond.MIRROR, 0).of(sample);
  }

  /** What an image shows beyond its frame. */
  public enum Beyond {
    /** Itself, mirrored. */
    MIRROR,
    /** Mean grey. */
    GREY
  }

  /**
   * One way to look at an image.
   *
   * @param angle clockwise, in radians
   * @param size factor of the size
   * @param right how far the middle moves to the right, in pixels
   * @param down how far it moves down
   * @param beyond what the image shows beyond its frame
   * @param least the share of a box that must stay in the frame, else it is left out
   */
  record View(double angle, double size, double right, double down, Beyond beyond, double least) {

    Sample of(Sample sample) {
      int height = sample.image().height();
      int width = sample.image().width();
      byte[] from = sample.image().rgb();
      byte[] rgb = new byte[from.length];
      Annotation before = sample.annotation();
      byte[] mask = new byte[before.mask().length];
      Arrays.fill(mask, Annotation.UNKNOWN);
      double middleX = (width - 1) / 2.0;
      double middleY = (height - 1) / 2.0;
      double cos = Math.cos(angle) / size; // the inverse: from the new image to the old
      double sin = Math.sin(angle) / size;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          double dx = x - middleX - right;
          double dy = y - middleY - down;
          double sourceX = middleX + cos * dx + sin * dy;
          double sourceY = middleY - sin * dx + cos * dy;
          int nearX = (int) Math.round(sourceX);
          int nearY = (int) Math.round(sourceY);
          boolean inside = nearX >= 0 && nearX < width && nearY >= 0 && nearY < height;
          for (int channel = 0; channel < 3; channel++) {
            int plane = channel * height * width;
            rgb[plane + y * width + x] =
                inside || beyond == Beyond.MIRROR
                    ? between(from, plane, height, width, sourceY, sourceX)
                    : GREY;
          }
          if (mask.length > 0 && inside) {
            mask[y * width + x] = before.mask()[nearY * width + nearX];
          }
        }
      }
      List<Box> boxes =
          before.boxes().stream()
              .map(box -> turn(box, height, width))
              .flatMap(Optional::stream)
              .toList();
      return new Sample(
          new Pixels(height, width, rgb), new Annotation(before.label(), mask, boxes));
    }

    private Optional<Box> turn(Box box, int height, int width) {
      double cos = size * Math.cos(angle);
      double sin = size * Math.sin(angle);
      double l = Double.POSITIVE_INFINITY;
      double t = Double.POSITIVE_INFINITY;
      double r = Double.NEGATIVE_INFINITY;
      double b = Double.NEGATIVE_INFINITY;
      for (float cornerX : new float[] {box.left(), box.right()}) {
        for (float cornerY : new float[] {box.top(), box.bottom()}) {
          double dx = cornerX - width / 2.0;
          double dy = cornerY - height / 2.0;
          double x = width / 2.0 + right + cos * dx - sin * dy;
          double y = height / 2.0 + down + sin * dx + cos * dy;
          l = Math.min(l, x);
          r = Math.max(r, x);
          t = Math.min(t, y);
          b = Math.max(b, y);
        }
      }
      Box whole = box.at((float) l, (float) t, (float) r, (float) b);
      Box cut =
          box.at(
              Math.max(0, whole.left()),
              Math.max(0, whole.top()),
              Math.min(width, whole.right()),
              Math.min(height, whole.bottom()));
      return cut.left() < cut.right()
              && cut.top() < cut.bottom()
              && cut.area() >= least * whole.area()
          ? Optional.of(cut)
          : Optional.empty();
    }
  }

  /** Between the four pixels around a point. */
  private static byte between(byte[] from, int plane, int height, int width, double y, double x) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    double lower = y - top;
    double across = x - left;
    int row0 = plane + mirrored(top, height) * width;
    int row1 = plane + mirrored(top + 1, height) * width;
    int column0 = mirrored(left, width);
    int column1 = mirrored(left + 1, width);
    double above = mix(from[row0 + column0], from[row0 + column1], across);
    double below = mix(from[row1 + column0], from[row1 + column1], across);
    return (byte) Math.round(above + lower * (below - above));
  }

  private static double mix(byte a, byte b, double share) {
    return (a & 255) + share * ((b & 255) - (a & 255));
  }

  /** The index in 0 … n−1 that {@code i} is the mirror image of, edges repeated. */
  static int mirrored(int i, int n) {
    int within = Math.floorMod(i, 2 * n);
    return within < n ? within : 2 * n - 1 - within;
  }
}

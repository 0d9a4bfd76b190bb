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

  private static final byte UNKNOWN = (byte) 255;

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
    int height = sample.image().height();
    int width = sample.image().width();
    byte[] from = sample.image().rgb();
    byte[] rgb = new byte[from.length];
    Annotation before = sample.annotation();
    byte[] mask = new byte[before.mask().length];
    Arrays.fill(mask, UNKNOWN);
    double middleX = (width - 1) / 2.0;
    double middleY = (height - 1) / 2.0;
    double cos = Math.cos(angle) / size; // the inverse: from the new image to the old
    double sin = Math.sin(angle) / size;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sourceX = middleX + cos * (x - middleX) + sin * (y - middleY);
        double sourceY = middleY - sin * (x - middleX) + cos * (y - middleY);
        for (int channel = 0; channel < 3; channel++) {
          int plane = channel * height * width;
          rgb[plane + y * width + x] = between(from, plane, height, width, sourceY, sourceX);
        }
        int nearX = (int) Math.round(sourceX);
        int nearY = (int) Math.round(sourceY);
        if (mask.length > 0 && nearX >= 0 && nearX < width && nearY >= 0 && nearY < height) {
          mask[y * width + x] = before.mask()[nearY * width + nearX];
        }
      }
    }
    List<Box> boxes =
        before.boxes().stream()
            .map(box -> turn(box, height, width, angle, size))
            .flatMap(Optional::stream)
            .toList();
    return new Sample(new Pixels(height, width, rgb), new Annotation(before.label(), mask, boxes));
  }

  /** Between the four pixels around a point. */
  private static byte between(byte[] from, int plane, int height, int width, double y, double x) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    double down = y - top;
    double across = x - left;
    int row0 = plane + mirrored(top, height) * width;
    int row1 = plane + mirrored(top + 1, height) * width;
    int column0 = mirrored(left, width);
    int column1 = mirrored(left + 1, width);
    double upper = mix(from[row0 + column0], from[row0 + column1], across);
    double lower = mix(from[row1 + column0], from[row1 + column1], across);
    return (byte) Math.round(upper + down * (lower - upper));
  }

  private static double mix(byte a, byte b, double share) {
    return (a & 255) + share * ((b & 255) - (a & 255));
  }

  /** The index in 0 … n−1 that {@code i} is the mirror image of, edges repeated. */
  private static int mirrored(int i, int n) {
    int within = Math.floorMod(i, 2 * n);
    return within < n ? within : 2 * n - 1 - within;
  }

  private static Optional<Box> turn(Box box, int height, int width, double angle, double size) {
    double cos = size * Math.cos(angle);
    double sin = size * Math.sin(angle);
    double left = Double.POSITIVE_INFINITY;
    double top = Double.POSITIVE_INFINITY;
    double right = Double.NEGATIVE_INFINITY;
    double bottom = Double.NEGATIVE_INFINITY;
    for (float cornerX : new float[] {box.left(), box.right()}) {
      for (float cornerY : new float[] {box.top(), box.bottom()}) {
        double dx = cornerX - width / 2.0;
        double dy = cornerY - height / 2.0;
        double x = width / 2.0 + cos * dx - sin * dy;
        double y = height / 2.0 + sin * dx + cos * dy;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    float l = (float) Math.max(0, left);
    float t = (float) Math.max(0, top);
    float r = (float) Math.min(width, right);
    float b = (float) Math.min(height, bottom);
    return l < r && t < b ? Optional.of(new Box(box.label(), l, t, r, b)) : Optional.empty();
  }
}

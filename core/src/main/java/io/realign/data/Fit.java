package io.realign.data;

import io.realign.io.Images;
import io.realign.io.Mask;
import io.realign.io.Pixels;
import java.util.Arrays;
import java.util.List;

/** How an image of any shape becomes a square one, with its mask and its boxes. */
public enum Fit {

  /** Width and height scaled each by itself, as single-shot detectors see images. */
  STRETCH,

  /**
   * Scaled as it is, at the top left; beside it mean grey, and unknown in the mask: as segmentation
   * nets see images.
   */
  PAD;

  private static final byte GREY = (byte) 128;

  /** The image brought to {@code side}². One of that size already keeps its bytes. */
  Sample apply(Sample sample, int side) {
    Pixels image = sample.image();
    if (image.height() == side && image.width() == side) {
      return sample;
    }
    int height = side;
    int width = side;
    if (this == PAD) {
      double factor = (double) side / Math.max(image.height(), image.width());
      height = Math.max(1, (int) Math.round(factor * image.height()));
      width = Math.max(1, (int) Math.round(factor * image.width()));
    }
    return pad(scale(sample, height, width), side);
  }

  private static Sample scale(Sample sample, int height, int width) {
    Pixels image = sample.image();
    Annotation known = sample.annotation();
    byte[] mask =
        known.mask().length == 0
            ? known.mask()
            : new Mask(image.height(), image.width(), known.mask()).resize(height, width).values();
    float across = (float) width / image.width();
    float down = (float) height / image.height();
    List<Box> boxes =
        known.boxes().stream()
            .map(
                box ->
                    box.at(
                        across * box.left(),
                        down * box.top(),
                        across * box.right(),
                        down * box.bottom()))
            .toList();
    return new Sample(
        Images.resize(image, height, width), new Annotation(known.label(), mask, boxes));
  }

  private static Sample pad(Sample sample, int side) {
    Pixels image = sample.image();
    if (image.height() == side && image.width() == side) {
      return sample;
    }
    byte[] rgb = new byte[3 * side * side];
    Arrays.fill(rgb, GREY);
    for (int channel = 0; channel < 3; channel++) {
      copy(
          image.rgb(),
          channel * image.height() * image.width(),
          rgb,
          channel * side * side,
          image,
          side);
    }
    Annotation known = sample.annotation();
    byte[] mask = known.mask();
    if (mask.length > 0) {
      mask = new byte[side * side];
      Arrays.fill(mask, Annotation.UNKNOWN);
      copy(known.mask(), 0, mask, 0, image, side);
    }
    return new Sample(
        new Pixels(side, side, rgb), new Annotation(known.label(), mask, known.boxes()));
  }

  private static void copy(byte[] from, int source, byte[] to, int target, Pixels image, int side) {
    for (int y = 0; y < image.height(); y++) {
      System.arraycopy(from, source + y * image.width(), to, target + y * side, image.width());
    }
  }
}

package io.realign.data;

import io.realign.io.Images;
import io.realign.io.Mask;
import io.realign.io.Pixels;
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
    Sample scaled = scale(sample, height, width);
    return height == width ? scaled : new Window(0, 0, side, side).of(scaled);
  }

  /** Width and height scaled each by itself. */
  static Sample scale(Sample sample, int height, int width) {
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
}

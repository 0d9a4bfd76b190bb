package io.realign.data;

import io.realign.io.Pixels;
import java.util.Arrays;
import java.util.List;

/**
 * A rectangle of an image, which may reach past the frame: there it shows mean grey and its mask is
 * unknown. Boxes are cut at the window; those wholly outside are left out.
 *
 * @param left the window's first column in the image, below 0 where it begins before it
 * @param top its first row
 * @param height rows
 * @param width columns
 */
record Window(int left, int top, int height, int width) {

  Sample of(Sample sample) {
    Pixels image = sample.image();
    byte[] rgb = new byte[3 * height * width];
    Arrays.fill(rgb, AffineWarp.GREY);
    for (int channel = 0; channel < 3; channel++) {
      int plane = channel * image.height() * image.width();
      copy(image.rgb(), plane, rgb, channel * height * width, image);
    }
    Annotation known = sample.annotation();
    byte[] mask = known.mask();
    if (mask.length > 0) {
      mask = new byte[height * width];
      Arrays.fill(mask, Annotation.UNKNOWN);
      copy(known.mask(), 0, mask, 0, image);
    }
    List<Box> boxes = known.boxes().stream().map(this::cut).filter(box -> !isEmpty(box)).toList();
    return new Sample(new Pixels(height, width, rgb), new Annotation(known.label(), mask, boxes));
  }

  private void copy(byte[] from, int source, byte[] to, int target, Pixels image) {
    int first = Math.max(0, left);
    int columns = Math.min(image.width(), left + width) - first;
    if (columns <= 0) {
      return;
    }
    for (int y = Math.max(0, top); y < Math.min(image.height(), top + height); y++) {
      int start = target + (y - top) * width + first - left;
      System.arraycopy(from, source + y * image.width() + first, to, start, columns);
    }
  }

  /**
   * The part of a box inside, in the window's pixels; of no area or turned over if there is none.
   */
  Box cut(Box box) {
    return box.at(
        Math.max(0, box.left() - left),
        Math.max(0, box.top() - top),
        Math.min(width, box.right() - left),
        Math.min(height, box.bottom() - top));
  }

  private static boolean isEmpty(Box box) {
    return box.left() >= box.right() || box.top() >= box.bottom();
  }
}

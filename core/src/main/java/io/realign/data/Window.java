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

  /**
   * The window brought to {@code rows} × {@code columns}. Pixels are interpolated once, and what
   * lies beyond the frame takes no memory before.
   */
  Sample scaled(Sample sample, int rows, int columns) {
    Window seen =
        new Window(
            Math.max(0, left),
            Math.max(0, top),
            Math.min(sample.image().height(), top + height) - Math.max(0, top),
            Math.min(sample.image().width(), left + width) - Math.max(0, left));
    if (seen.height <= 0 || seen.width <= 0) {
      return new Window(-columns, -rows, rows, columns).of(sample);
    }
    double down = (double) rows / height;
    double across = (double) columns / width;
    Sample part =
        Fit.scale(
            seen.of(sample),
            (int) Math.max(1, Math.round(down * seen.height)),
            (int) Math.max(1, Math.round(across * seen.width)));
    return seen.equals(this)
        ? part
        : new Window(
                (int) -Math.round(across * (seen.left - left)),
                (int) -Math.round(down * (seen.top - top)),
                rows,
                columns)
            .of(part);
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

  /** Whether the middle of a box lies inside. */
  boolean holdsCentre(Box box) {
    float x = (box.left() + box.right()) / 2 - left;
    float y = (box.top() + box.bottom()) / 2 - top;
    return x > 0 && x < width && y > 0 && y < height;
  }

  private static boolean isEmpty(Box box) {
    return box.left() >= box.right() || box.top() >= box.bottom();
  }
}

package io.realign.align;

import io.realign.io.Pixels;

/**
 * An image through a generator that works at a size of its own, as {@link Fit#resized} does it on
 * tensors, but without a tensor of the whole image: bilinear there and back, corners not aligned.
 *
 * @param side height and width that the generator takes
 */
record OwnSize(int side) {

  Pixels apply(Pixels image, PixelPurifier.Repair repair) {
    float[] dirty = repair.around(() -> reduced(image));
    float[] clean = repair.apply(dirty, side, side);
    return repair.around(() -> enlarged(clean, image.height(), image.width()));
  }

  private float[] reduced(Pixels image) {
    Taps rows = Taps.of(image.height(), side);
    Taps columns = Taps.of(image.width(), side);
    float[] small = new float[3 * side * side];
    for (int c = 0; c < 3; c++) {
      int plane = c * image.height() * image.width();
      for (int y = 0; y < side; y++) {
        int above = plane + rows.low[y] * image.width();
        int below = plane + rows.high[y] * image.width();
        for (int x = 0; x < side; x++) {
          float first =
              columns.between(
                  x, byteAt(image, above, columns.low[x]), byteAt(image, above, columns.high[x]));
          float second =
              columns.between(
                  x, byteAt(image, below, columns.low[x]), byteAt(image, below, columns.high[x]));
          small[(c * side + y) * side + x] = rows.between(y, first, second) / 255;
        }
      }
    }
    return small;
  }

  private static float byteAt(Pixels image, int row, int x) {
    return image.rgb()[row + x] & 0xff;
  }

  private Pixels enlarged(float[] small, int height, int width) {
    Taps rows = Taps.of(side, height);
    Taps columns = Taps.of(side, width);
    byte[] rgb = new byte[3 * height * width];
    float[] between = new float[side];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        int above = (c * side + rows.low[y]) * side;
        int below = (c * side + rows.high[y]) * side;
        for (int x = 0; x < side; x++) {
          between[x] = rows.between(y, small[above + x], small[below + x]);
        }
        for (int x = 0; x < width; x++) {
          float value = columns.between(x, between[columns.low[x]], between[columns.high[x]]);
          rgb[(c * height + y) * width + x] = (byte) Math.clamp(Math.round(255 * value), 0, 255);
        }
      }
    }
    return new Pixels(height, width, rgb);
  }

  /** For each target place the two source places and how far it lies between them. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Taps(int[] low, int[] high, float[] part) {

    static Taps of(int from, int to) {
      Taps taps = new Taps(new int[to], new int[to], new float[to]);
      float scale = (float) from / to;
      for (int i = 0; i < to; i++) {
        float centre = Math.max(0, (i + .5f) * scale - .5f);
        taps.low[i] = Math.min((int) centre, from - 1);
        taps.high[i] = Math.min(taps.low[i] + 1, from - 1);
        taps.part[i] = centre - taps.low[i];
      }
      return taps;
    }

    float between(int i, float first, float second) {
      return first + part[i] * (second - first);
    }
  }
}

package io.realign.align;

import io.realign.io.Pixels;
import java.util.Arrays;
import java.util.function.DoubleConsumer;

/**
 * Puts an image together from repaired tiles. Bands of tiles go along the shorter side of the
 * image; only one band is held in floats.
 */
final class Mosaic {

  private final Pixels image;
  private final boolean upright;
  private final Axis along; // the longer side, band after band
  private final Axis across; // the shorter side, tile after tile
  private final byte[] result;
  private final float[] band; // [3, tile of the longer side, shorter side]
  private int bandStart;

  /**
   * Of an image.
   *
   * @param rows its height, or more: what is beyond is mirrored
   * @param columns its width, or more
   */
  Mosaic(Pixels image, Axis rows, Axis columns) {
    this.image = image;
    this.upright = rows.size() >= columns.size();
    this.along = upright ? rows : columns;
    this.across = upright ? columns : rows;
    this.result = new byte[image.rgb().length];
    int longest = 0;
    for (int i = 0; i < along.count(); i++) {
      longest = Math.max(longest, along.end(i) - along.start(i));
    }
    this.band = new float[Math.multiplyExact(3 * longest, across.size())];
  }

  Pixels repaired(PixelPurifier.Repair repair, DoubleConsumer progress) {
    int done = 0;
    for (int i = 0; i < along.count(); i++) {
      for (int j = 0; j < across.count(); j++) {
        int[] from = upright ? new int[] {i, j} : new int[] {j, i};
        Axis rows = upright ? along : across;
        Axis columns = upright ? across : along;
        int height = rows.end(from[0]) - rows.start(from[0]);
        int width = columns.end(from[1]) - columns.start(from[1]);
        float[] dirty =
            repair.around(() -> values(rows.start(from[0]), columns.start(from[1]), height, width));
        float[] clean = repair.apply(dirty, height, width);
        Tile tile = new Tile(i, j, width);
        repair.around(() -> blended(clean, tile));
        progress.accept((double) ++done / (along.count() * across.count()));
      }
    }
    return new Pixels(image.height(), image.width(), result);
  }

  /** A tile {@code [3,height,width]} of the image, in [0,1]. */
  private float[] values(int top, int left, int height, int width) {
    float[] values = new float[3 * height * width];
    int at = 0;
    for (int c = 0; c < 3; c++) {
      for (int y = top; y < top + height; y++) {
        int row = (c * image.height() + mirrored(y, image.height())) * image.width();
        for (int x = left; x < left + width; x++) {
          values[at++] = (image.rgb()[row + mirrored(x, image.width())] & 0xff) / 255f;
        }
      }
    }
    return values;
  }

  /** A place inside for one beyond the end: back from it, and forth, without repeating the edge. */
  private static int mirrored(int place, int size) {
    if (place < size) {
      return place;
    }
    if (size == 1) {
      return 0;
    }
    int folded = place % (2 * size - 2);
    return Math.min(folded, 2 * size - 2 - folded);
  }

  /** A tile: its places along and across, and how many columns it has. */
  private record Tile(int i, int j, int width) {}

  /** Adds a repaired tile to the band, and finishes what the last one of a band completes. */
  private byte[] blended(float[] values, Tile tile) {
    add(values, tile.i(), tile.j(), tile.width());
    if (tile.j() == across.count() - 1) {
      finish(tile.i() == along.count() - 1 ? along.size() : along.start(tile.i() + 1));
    }
    return result;
  }

  /** Adds a repaired tile to the band, weighted. */
  private void add(float[] tile, int i, int j, int width) {
    int length = along.end(i) - along.start(i);
    int breadth = across.end(j) - across.start(j);
    int plane = length * breadth;
    for (int a = 0; a < length; a++) {
      float weightAlong = along.weight(i, along.start(i) + a);
      if (weightAlong == 0) {
        continue;
      }
      for (int b = 0; b < breadth; b++) {
        float weight = weightAlong * across.weight(j, across.start(j) + b);
        int source = upright ? a * width + b : b * width + a;
        int target = (along.start(i) - bandStart + a) * across.size() + across.start(j) + b;
        for (int c = 0; c < 3; c++) {
          band[c * band.length / 3 + target] += weight * tile[c * plane + source];
        }
      }
    }
  }

  /** Rounds what no later band adds to, and makes room for the next one. */
  private void finish(int end) {
    int rows = end - bandStart;
    int size = across.size();
    int plane = band.length / 3;
    for (int c = 0; c < 3; c++) {
      for (int a = 0; a < rows; a++) {
        for (int b = 0; b < size; b++) {
          int y = upright ? bandStart + a : b;
          int x = upright ? b : bandStart + a;
          if (y < image.height() && x < image.width()) {
            float value = band[c * plane + a * size + b];
            result[(c * image.height() + y) * image.width() + x] =
                (byte) Math.clamp(Math.round(255 * value), 0, 255);
          }
        }
      }
      int kept = plane - rows * size;
      System.arraycopy(band, c * plane + rows * size, band, c * plane, kept);
      Arrays.fill(band, c * plane + kept, (c + 1) * plane, 0);
    }
    bandStart = end;
  }
}

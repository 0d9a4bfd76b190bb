package io.realign.cli;

import io.realign.data.Dataset;
import io.realign.io.Pixels;
import java.util.Arrays;

/** The first images of a dataset side by side. */
final class ContactSheet {

  private static final int GAP = 4;
  private static final int LEAST_TILE = 64; // smaller images are shown in larger pixels

  private ContactSheet() {}

  /** The first {@code count} images, or all if there are fewer, in rows of one width. */
  static Pixels of(Dataset data, int count) {
    int shown = Math.min(count, data.size());
    int columns = (int) Math.ceil(Math.sqrt(shown));
    int rows = (shown + columns - 1) / columns;
    int zoom = Math.max(1, (LEAST_TILE + data.imageSize() - 1) / data.imageSize());
    int tile = zoom * data.imageSize();
    int height = rows * (tile + GAP) + GAP;
    int width = columns * (tile + GAP) + GAP;
    byte[] sheet = new byte[3 * height * width];
    Arrays.fill(sheet, (byte) 255);
    for (int i = 0; i < shown; i++) {
      int top = GAP + i / columns * (tile + GAP);
      int left = GAP + i % columns * (tile + GAP);
      paste(data.get(i).image(), zoom, sheet, height, width, top, left);
    }
    return new Pixels(height, width, sheet);
  }

  private static void paste(
      Pixels image, int zoom, byte[] sheet, int height, int width, int top, int left) {
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < image.height() * zoom; y++) {
        int from = (channel * image.height() + y / zoom) * image.width();
        int to = (channel * height + top + y) * width + left;
        for (int x = 0; x < image.width() * zoom; x++) {
          sheet[to + x] = image.rgb()[from + x / zoom];
        }
      }
    }
  }
}

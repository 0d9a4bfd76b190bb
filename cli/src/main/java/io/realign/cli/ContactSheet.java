package io.realign.cli;

import io.realign.io.InputException;
import io.realign.io.Pixels;
import java.util.Arrays;

/** Square images of one size side by side, in rows of one width. */
final class ContactSheet {

  private static final int GAP = 4;
  private static final int LEAST_TILE = 64; // smaller images are shown in larger pixels

  private static final int LONGEST_SIDE = 8000; // as many pixels as an image may have to be read

  private final int columns;
  private final int zoom;
  private final int tile;
  private Pixels sheet;
  private int added;

  /**
   * Room for {@code count} images of {@code side}² pixels.
   *
   * @throws InputException if the whole would be too large
   */
  ContactSheet(int count, int side) {
    this.columns = (int) Math.ceil(Math.sqrt(count));
    this.zoom = Math.max(1, (LEAST_TILE + side - 1) / side);
    this.tile = zoom * side;
    int most = LONGEST_SIDE / (tile + GAP);
    if (columns > most) {
      throw new InputException(
          "%d images of %d² pixels are too much for one picture: take %sa smaller --image-size"
              .formatted(count, tile, most > 0 ? "--count " + most * most + " or " : ""));
    }
    int rows = (count + columns - 1) / columns;
    this.sheet = white(rows * (tile + GAP) + GAP, columns * (tile + GAP) + GAP);
  }

  private static Pixels white(int height, int width) {
    byte[] rgb = new byte[3 * height * width];
    Arrays.fill(rgb, (byte) 255);
    return new Pixels(height, width, rgb);
  }

  /** Shows an image beside the last, or in the next row. */
  void add(Pixels image) {
    int top = GAP + added / columns * (tile + GAP);
    int left = GAP + added % columns * (tile + GAP);
    paste(image, zoom, sheet, top, left);
    added++;
  }

  /** Columns of the whole, in pixels. */
  int width() {
    return sheet.width();
  }

  /** Shows a picture below all others, as it is; no wider than the whole. */
  void addBelow(Pixels picture) {
    Pixels longer = white(sheet.height() + picture.height() + GAP, sheet.width());
    paste(sheet, 1, longer, 0, 0);
    paste(picture, 1, longer, sheet.height(), 0);
    sheet = longer;
  }

  /** All that was added. */
  Pixels pixels() {
    return sheet;
  }

  private static void paste(Pixels image, int zoom, Pixels sheet, int top, int left) {
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < image.height() * zoom; y++) {
        int from = (channel * image.height() + y / zoom) * image.width();
        int to = (channel * sheet.height() + top + y) * sheet.width() + left;
        for (int x = 0; x < image.width() * zoom; x++) {
          sheet.rgb()[to + x] = image.rgb()[from + x / zoom];
        }
      }
    }
  }
}

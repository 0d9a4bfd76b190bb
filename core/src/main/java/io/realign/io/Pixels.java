package io.realign.io;

/**
 * An 8-bit RGB image, planar: all red values in row order, then green, then blue.
 *
 * @param height rows
 * @param width columns
 * @param rgb {@code 3·height·width} unsigned bytes
 */
@SuppressWarnings("ArrayRecordComponent") // a pixel buffer: compared by nobody
public record Pixels(int height, int width, byte[] rgb) {

  /** Checks the buffer's size. */
  public Pixels {
    if (height < 1 || width < 1 || rgb.length != 3 * height * width) {
      throw new IllegalArgumentException(
          "an image of %d×%d needs %d bytes, not %d"
              .formatted(width, height, 3 * height * width, rgb.length));
    }
  }
}

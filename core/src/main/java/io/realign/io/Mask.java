package io.realign.io;

/**
 * A mask: the class of each pixel of an image.
 *
 * @param height rows
 * @param width columns
 * @param values {@code height·width} unsigned bytes in row order
 */
@SuppressWarnings("ArrayRecordComponent") // a pixel buffer: compared by nobody
public record Mask(int height, int width, byte[] values) {

  /** Checks the buffer's size. */
  public Mask {
    if (height < 1 || width < 1 || values.length != height * width) {
      throw new IllegalArgumentException(
          "a mask of %d×%d needs %d bytes, not %d"
              .formatted(width, height, height * width, values.length));
    }
  }

  /** The mask at another size; each pixel takes the value of the nearest. */
  public Mask resize(int newHeight, int newWidth) {
    if (newHeight == height && newWidth == width) {
      return this;
    }
    byte[] resized = new byte[Math.multiplyExact(newHeight, newWidth)];
    for (int y = 0; y < newHeight; y++) {
      int row = nearest(y, newHeight, height) * width;
      for (int x = 0; x < newWidth; x++) {
        resized[y * newWidth + x] = values[row + nearest(x, newWidth, width)];
      }
    }
    return new Mask(newHeight, newWidth, resized);
  }

  private static int nearest(int at, int size, int source) {
    return (int) ((at + 0.5) * source / size);
  }
}

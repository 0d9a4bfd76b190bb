package io.realign.data;

import io.realign.io.Mask;
import io.realign.io.Pixels;

/**
 * An image of any shape as the square that a net takes, in the way that the data sets of its kind
 * bring theirs to one size, and its masks back on the image.
 *
 * <p>A net of classes sees the largest square in the middle, one of masks all of the image at the
 * top left with grey beside it, one of boxes all of it with width and height scaled each by itself:
 * edges as shares of the square's side are shares of the image's.
 *
 * @param labelling what the net tells
 * @param width of the image
 * @param height of the image
 * @param square the image as the net sees it
 */
public record Framing(Labelling labelling, int width, int height, Pixels square) {

  /**
   * Brings an image to the size of a net.
   *
   * @param side height and width that the net takes, in pixels
   */
  public static Framing of(Pixels image, Labelling labelling, int side) {
    Pixels square =
        switch (labelling) {
          case CLASSES -> ImageFiles.square(image, side);
          case MASKS -> fitted(image, Fit.PAD, side);
          case BOXES -> fitted(image, Fit.STRETCH, side);
        };
    return new Framing(labelling, image.width(), image.height(), square);
  }

  private static Pixels fitted(Pixels image, Fit fit, int side) {
    return fit.apply(new Sample(image, Annotation.ofClass(0)), side).image();
  }

  /**
   * The mask of all of the image, from that of the square of a net of masks; each pixel takes the
   * value of the nearest.
   *
   * @param mask {@code side·side} unsigned bytes of the square
   * @return of the image's size
   */
  public Mask unframed(byte[] mask) {
    int side = square.width();
    double factor = (double) side / Math.max(height, width);
    int rows = Math.max(1, (int) Math.round(factor * height));
    int columns = Math.max(1, (int) Math.round(factor * width));
    byte[] seen = new byte[rows * columns];
    for (int y = 0; y < rows; y++) {
      System.arraycopy(mask, y * side, seen, y * columns, columns);
    }
    return new Mask(rows, columns, seen).resize(height, width);
  }
}

package io.realign.io;

/**
 * How a stored image is to be turned before it is shown, as EXIF counts it: 1 not at all, 2
 * mirrored left to right, 3 turned by 180°, 4 mirrored top to bottom, 5 transposed, 6 turned to the
 * right, 7 transposed across, 8 turned to the left.
 */
final class Orientation {

  private Orientation() {}

  /** A stored image the way up that it is shown; the same one for orientation 1. */
  static Pixels upright(Pixels image, int orientation) {
    if (orientation < 2 || orientation > 8) {
      return image;
    }
    boolean turned = orientation >= 5;
    int height = turned ? image.width() : image.height();
    int width = turned ? image.height() : image.width();
    byte[] rgb = new byte[image.rgb().length];
    for (int c = 0; c < 3; c++) {
      int plane = c * height * width;
      turn(image.rgb(), plane, image.height(), image.width(), orientation, rgb, plane);
    }
    return new Pixels(height, width, rgb);
  }

  /** The inverse of {@link #upright}: an image that is shown upright, as it is stored. */
  static Pixels stored(Pixels upright, int orientation) {
    return upright(upright, orientation == 6 ? 8 : orientation == 8 ? 6 : orientation);
  }

  /** One plane of {@code height} × {@code width}, as {@link #upright}. */
  static byte[] upright(byte[] plane, int height, int width, int orientation) {
    if (orientation < 2 || orientation > 8 || plane.length == 0) {
      return plane;
    }
    byte[] turned = new byte[plane.length];
    turn(plane, 0, height, width, orientation, turned, 0);
    return turned;
  }

  private static void turn(
      byte[] from, int source, int height, int width, int orientation, byte[] to, int target) {
    boolean transposed = orientation >= 5;
    boolean flipX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean flipY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int rows = transposed ? width : height;
    int columns = transposed ? height : width;
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns; x++) {
        int u = transposed ? y : x;
        int v = transposed ? x : y;
        int column = flipX ? width - 1 - u : u;
        int row = flipY ? height - 1 - v : v;
        to[target + y * columns + x] = from[source + row * width + column];
      }
    }
  }
}

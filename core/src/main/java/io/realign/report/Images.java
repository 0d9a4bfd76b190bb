package io.realign.report;

import io.realign.io.Pixels;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Images as PNG in {@code data:} addresses, and magnified differences. */
final class Images {

  private Images() {}

  static String dataUri(Pixels image) {
    BufferedImage picture = buffered(image);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.setUseCache(false);
      ImageIO.write(picture, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException("a PNG image could not be encoded", e);
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
  }

  static BufferedImage buffered(Pixels image) {
    int plane = image.height() * image.width();
    BufferedImage picture =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < plane; i++) {
      int rgb =
          (image.rgb()[i] & 255) << 16
              | (image.rgb()[plane + i] & 255) << 8
              | (image.rgb()[2 * plane + i] & 255);
      picture.setRGB(i % image.width(), i / image.width(), rgb);
    }
    return picture;
  }

  static Pixels pixels(BufferedImage picture) {
    int width = picture.getWidth();
    int plane = picture.getHeight() * width;
    byte[] rgb = new byte[3 * plane];
    for (int i = 0; i < plane; i++) {
      int value = picture.getRGB(i % width, i / width);
      rgb[i] = (byte) (value >> 16);
      rgb[plane + i] = (byte) (value >> 8);
      rgb[2 * plane + i] = (byte) value;
    }
    return new Pixels(picture.getHeight(), width, rgb);
  }

  /** The largest difference of any value, in 0..255. */
  static int largestDifference(Pixels a, Pixels b) {
    int largest = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      largest = Math.max(largest, Math.abs((a.rgb()[i] & 255) - (b.rgb()[i] & 255)));
    }
    return largest;
  }

  /** 128 + factor·(a − b): grey where they agree. */
  static Pixels difference(Pixels a, Pixels b, int factor) {
    byte[] rgb = new byte[a.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      int difference = (a.rgb()[i] & 255) - (b.rgb()[i] & 255);
      rgb[i] = (byte) Math.clamp(128L + (long) factor * difference, 0, 255);
    }
    return new Pixels(a.height(), a.width(), rgb);
  }
}

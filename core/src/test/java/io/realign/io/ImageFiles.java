package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Images of every kind, made by {@code make_images.py}. */
final class ImageFiles {

  static final List<String> ALL =
      List.of(
          "rgb.png",
          "rgba.png",
          "la.png",
          "grey.png",
          "grey1.png",
          "palette.png",
          "palette_clear.png",
          "rgb_clear.png",
          "rgb16.png",
          "grey16.png",
          "rgb.jpg",
          "progressive.jpg",
          "grey.jpg",
          "cmyk.jpg",
          "lossless.webp",
          "rgba.webp",
          "lossy.webp",
          "rgb.tif",
          "grey.tif",
          "rgba.tif",
          "palette.tif",
          "associated.tif",
          "associated16.tif",
          "infrared.tif",
          "still.gif",
          "still_clear.gif",
          "rgb.bmp",
          "palette.bmp");

  private ImageFiles() {}

  static byte[] resource(String name) {
    try (InputStream in = ImageFiles.class.getResourceAsStream("/io/images/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static int indexOf(byte[] bytes, int... part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      int at = i;
      if (java.util.stream.IntStream.range(0, part.length)
          .allMatch(k -> (bytes[at + k] & 0xff) == part[k])) {
        return i;
      }
    }
    throw new AssertionError("no such bytes");
  }
}

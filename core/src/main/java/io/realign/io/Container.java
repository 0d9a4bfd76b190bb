package io.realign.io;

import java.util.Arrays;

/**
 * What the file around an image says, found without decoding a pixel or allocating for one.
 *
 * @param format by content
 * @param width columns as stored
 * @param height rows as stored
 * @param grey whether it stores one grey value a pixel
 * @param inks whether it stores inks (CMYK), which become colours
 * @param opaque whether nothing in it is alpha, even where a decoder takes a sample for that
 * @param bits of a sample
 * @param several whether it holds more than one image: an animation, or pages
 * @param orientation as EXIF counts it, 1 to 8; 1 where nothing is said
 * @param profile an ICC colour profile; empty for none
 * @param colour chunks of a PNG that say what its colours mean but for the profile, as they are
 * @param decodable the bytes for the decoder: without what it does not need
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Container(
    ImageFormat format,
    int width,
    int height,
    boolean grey,
    boolean inks,
    boolean opaque,
    int bits,
    boolean several,
    int orientation,
    byte[] profile,
    byte[] colour,
    byte[] decodable) {

  static final byte[] NONE = {};

  /** Larger colour profiles are not kept; the largest in use have some hundreds of kB. */
  static final int MAX_PROFILE = 4 << 20;

  /**
   * Reads the structure of a file.
   *
   * @throws Malformed if it is no image of a known format, or its structure is broken
   */
  static Container of(byte[] bytes) throws Malformed {
    ImageFormat format =
        ImageFormat.of(Arrays.copyOf(bytes, Math.min(bytes.length, ImageFormat.HEAD)))
            .orElseThrow(
                () ->
                    new Malformed(
                        bytes.length == 0
                            ? "an empty file, not an image"
                            : "not an image (expected PNG, JPEG, BMP, GIF, TIFF or WebP)"));
    try {
      return switch (format) {
        case PNG -> PngFile.container(bytes);
        case JPEG -> JpegFile.container(bytes);
        case BMP -> BmpFile.container(bytes);
        case GIF -> GifFile.container(bytes);
        case TIFF -> TiffFile.container(bytes);
        case WEBP -> WebpFile.container(bytes);
      };
    } catch (Malformed e) {
      throw new Malformed("a damaged image (" + format.word() + "): " + e.getMessage());
    }
  }

  /** Without metadata, as the decoder wants it. */
  static Container plain(
      ImageFormat format, long width, long height, boolean several, byte[] decodable)
      throws Malformed {
    return new Container(
        format,
        side(width),
        side(height),
        false,
        false,
        false,
        8,
        several,
        1,
        NONE,
        NONE,
        decodable);
  }

  /** A width or height that an image can have. */
  static int side(long pixels) throws Malformed {
    if (pixels < 1 || pixels > Integer.MAX_VALUE) {
      throw new Malformed("a width or height of " + pixels + " pixels");
    }
    return (int) pixels;
  }
}

package io.realign.io;

import com.twelvemonkeys.imageio.metadata.Directory;
import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEG;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegment;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegmentUtil;
import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Bytes of an image file to pixels. Stored values are taken as they are, without colour profiles,
 * as the Python libraries do that targets were trained with.
 */
final class ImageDecoder {

  static final long MAX_PIXELS = 64_000_000;

  private ImageDecoder() {}

  /**
   * Decodes the first image of a file.
   *
   * @throws Malformed if the bytes are no image of a known format, or too large a one
   */
  static Pixels decode(byte[] bytes) throws IOException {
    return decode(
        bytes,
        (image, format) ->
            format.startsWith("jp") ? upright(pixels(image), orientation(bytes)) : pixels(image));
  }

  /**
   * Decodes an image of indices: what is stored for each pixel, not its colour.
   *
   * @throws Malformed if the bytes are no image of a known format, too large a one, or one of
   *     colours
   */
  static Mask indices(byte[] bytes) throws IOException {
    return decode(bytes, (image, format) -> indices(image));
  }

  private static Mask indices(BufferedImage image) throws Malformed {
    Raster raster = image.getRaster();
    boolean stored =
        image.getColorModel() instanceof IndexColorModel
            || image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    if (!stored || raster.getNumBands() != 1 || image.getColorModel().getComponentSize(0) > 8) {
      throw new Malformed("no mask: expected a palette or 8 bits of grey, one value a pixel");
    }
    int[] samples = raster.getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
    byte[] values = new byte[samples.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) samples[i];
    }
    return new Mask(image.getHeight(), image.getWidth(), values);
  }

  /** What is made of the first image of a file. */
  private interface Made<T> {
    T of(BufferedImage image, String format) throws Malformed;
  }

  private static <T> T decode(byte[] bytes, Made<T> made) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new Malformed("not an image (expected PNG, JPEG, BMP or GIF)");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, false);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
          throw new Malformed(
              "an image of %d×%d pixels, more than the %d million allowed"
                  .formatted(reader.getWidth(0), reader.getHeight(0), MAX_PIXELS / 1_000_000));
        }
        return made.of(reader.read(0), reader.getFormatName().toLowerCase(Locale.ROOT));
      } finally {
        reader.dispose();
      }
    } catch (Malformed e) {
      throw e;
    } catch (IOException | RuntimeException e) { // readers throw anything on damaged files
      throw new Malformed(
          "a damaged image: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  private static Pixels pixels(BufferedImage image) {
    int height = image.getHeight();
    int width = image.getWidth();
    int plane = height * width;
    byte[] rgb = new byte[3 * plane];
    RowReader rows = rowReader(image);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      rows.read(y, row);
      for (int x = 0; x < width; x++) {
        int alpha = row[x] >>> 24;
        int at = y * width + x;
        rgb[at] = onWhite(row[x] >> 16 & 0xff, alpha);
        rgb[plane + at] = onWhite(row[x] >> 8 & 0xff, alpha);
        rgb[2 * plane + at] = onWhite(row[x] & 0xff, alpha);
      }
    }
    return new Pixels(height, width, rgb);
  }

  private static byte onWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }

  /** Gives a row as 0xAARRGGBB. */
  private interface RowReader {
    void read(int y, int[] argb);
  }

  private static RowReader rowReader(BufferedImage image) {
    ColorModel model = image.getColorModel();
    int type = model.getColorSpace().getType();
    boolean stored = type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB;
    int width = image.getWidth();
    if (model instanceof IndexColorModel || !stored) {
      return (y, argb) -> image.getRGB(0, y, width, 1, argb, 0, width);
    }
    // not getRGB: it takes grey values for linear light and brightens them
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    boolean grey = type == ColorSpace.TYPE_GRAY;
    int alphaBand = model.hasAlpha() ? bands - 1 : -1;
    int[] samples = new int[width * bands];
    return (y, argb) -> {
      raster.getPixels(0, y, width, 1, samples);
      for (int x = 0; x < width; x++) {
        int at = x * bands;
        int red = eight(samples[at], model, 0);
        int green = grey ? red : eight(samples[at + 1], model, 1);
        int blue = grey ? red : eight(samples[at + 2], model, 2);
        int alpha = alphaBand < 0 ? 255 : eight(samples[at + alphaBand], model, alphaBand);
        argb[x] = alpha << 24 | red << 16 | green << 8 | blue;
      }
    };
  }

  private static int eight(int sample, ColorModel model, int band) {
    int bits = model.getComponentSize(band);
    if (bits == 8) {
      return sample;
    }
    long most = (1L << bits) - 1;
    return (int) (((sample & most) * 255 + most / 2) / most);
  }

  /** The EXIF orientation, 1 to 8; 1 (upright) where there is none. */
  private static int orientation(byte[] jpeg) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
      List<JPEGSegment> exif = JPEGSegmentUtil.readSegments(in, JPEG.APP1, "Exif");
      if (exif.isEmpty()) {
        return 1;
      }
      try (InputStream data = exif.getFirst().data()) {
        data.skipNBytes(1); // padding after the name
        Directory directory =
            new TIFFReader()
                .read(
                    new MemoryCacheImageInputStream(new ByteArrayInputStream(data.readAllBytes())));
        Entry entry = directory.getEntryById(TIFF.TAG_ORIENTATION);
        return entry != null && entry.getValue() instanceof Number n ? n.intValue() : 1;
      }
    } catch (IOException | RuntimeException e) {
      return 1; // a broken EXIF block does not spoil the image
    }
  }

  /** Undoes an EXIF orientation. */
  static Pixels upright(Pixels image, int orientation) {
    if (orientation < 2 || orientation > 8) {
      return image;
    }
    boolean transposed = orientation >= 5;
    int height = transposed ? image.width() : image.height();
    int width = transposed ? image.height() : image.width();
    byte[] source = image.rgb();
    byte[] rgb = new byte[source.length];
    int plane = height * width;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean flipX =
            orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean flipY =
            orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int u = transposed ? y : x;
        int v = transposed ? x : y;
        int column = flipX ? image.width() - 1 - u : u;
        int row = flipY ? image.height() - 1 - v : v;
        for (int c = 0; c < 3; c++) {
          rgb[c * plane + y * width + x] = source[c * plane + row * image.width() + column];
        }
      }
    }
    return new Pixels(height, width, rgb);
  }
}

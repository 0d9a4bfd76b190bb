package io.realign.io;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Files of images to pixels, within limits that are checked before anything is allocated for a
 * pixel: {@link ImageFormat} says which formats; any bit depth, palettes, grey and CMYK.
 *
 * <p>Stored values are taken as they are, without colour profiles, as the Python libraries do that
 * targets were trained with; only CMYK is converted. Samples of 16 bits are rounded to 8. Colours
 * that are stored multiplied by their alpha are divided by it.
 *
 * @param maxPixels the most that width times height may be
 * @param maxBytes the most that a file may have
 */
public record ImageDecoder(long maxPixels, long maxBytes) {

  /** Three bytes a pixel must fit into an array. */
  public static final long MOST_PIXELS = 700_000_000;

  /** The most that a width or height may be, as in a JPEG: a row is small beside the image. */
  public static final int LONGEST_SIDE = 65_535;

  private static final ImageDecoder STANDARD = new ImageDecoder(64_000_000, 512L << 20);

  /** Checks the limits. */
  public ImageDecoder {
    if (maxPixels < 1 || maxPixels > MOST_PIXELS) {
      throw new InputException(
          "a limit of %d pixels: it must be between 1 and %d".formatted(maxPixels, MOST_PIXELS));
    }
    if (maxBytes < 1 || maxBytes > Integer.MAX_VALUE - 8) {
      throw new InputException("a limit of %d bytes".formatted(maxBytes));
    }
  }

  /** 64 million pixels in 512 MiB. */
  public static ImageDecoder standard() {
    return STANDARD;
  }

  /**
   * What a file says of its image before any of it is decoded.
   *
   * @param width columns as stored
   * @param height rows as stored
   * @param several whether it holds more than one image: an animation, or pages
   */
  public record Header(ImageFormat format, int width, int height, boolean several) {

    /** Width times height. */
    public long pixels() {
      return (long) width * height;
    }
  }

  /**
   * Reads a file whole.
   *
   * @throws InputException if there is no such file, or it is larger than {@code maxBytes}
   */
  public byte[] bytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > maxBytes) {
        throw tooLarge(file.toString(), size);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  /** The error for a file of {@code size} bytes; a negative one if nobody knows how many. */
  public InputException tooLarge(String name, long size) {
    String much = size < 0 ? "more than" : size + " bytes, more than";
    return new InputException(name + ": " + much + " the " + maxBytes + " bytes allowed");
  }

  /**
   * Reads what the bytes of a file say of its image.
   *
   * @param name what to call the image in an error
   * @throws InputException if it is no image, broken, or {@linkplain #refusal too large}
   */
  public Header header(byte[] bytes, String name) {
    return named(name, () -> header(container(bytes)));
  }

  /**
   * As {@link #header}, of an image of any size.
   *
   * @param name what to call the image in an error
   * @throws InputException if it is no image, or broken
   */
  public static Header headerOfAnySize(byte[] bytes, String name) {
    return named(name, () -> header(Container.of(bytes)));
  }

  private static Header header(Container file) {
    return new Header(file.format(), file.width(), file.height(), file.several());
  }

  /**
   * Everything of a still image that {@link ImageEncoder} can write again.
   *
   * @param name what to call the image in an error
   * @throws InputException if it is no image, damaged, larger than the limits, or an animation; one
   *     line that names it
   */
  public Picture picture(byte[] bytes, String name) {
    return named(
        name,
        () -> {
          Container file = container(bytes);
          if (file.several()) {
            throw new Malformed(
                file.format() == ImageFormat.TIFF
                    ? "a TIFF of several pages"
                    : "an animation, not a still image");
          }
          return picture(file);
        });
  }

  /**
   * The image as a net sees it: upright, alpha composited on white; of an animation the first one.
   *
   * @param name what to call the image in an error
   * @throws InputException if it is no image, damaged, or larger than the limits; one line that
   *     names it
   */
  public Pixels pixels(byte[] bytes, String name) {
    return named(name, () -> picture(container(bytes)).upright());
  }

  /** As {@link #pixels(byte[], String)}, of a file. */
  public Pixels pixels(Path file) {
    return pixels(bytes(file), file.toString());
  }

  /**
   * An image of indices: what is stored for each pixel, not its colour.
   *
   * @throws InputException as {@link #pixels(Path)}, and if the file stores colours
   */
  public Mask mask(Path file) {
    byte[] bytes = bytes(file);
    return named(file.toString(), () -> indices(decoded(container(bytes))));
  }

  /** Something that fails without knowing the name of the file. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private static <T> T named(String name, Step<T> step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw new InputException(name + ": " + Failures.reason(e), e);
    }
  }

  /**
   * Why an image of such a header is not decoded: it has more than {@code maxPixels}, or a side of
   * more than {@link #LONGEST_SIDE}. Empty if it is.
   */
  public Optional<String> refusal(Header header) {
    return refusal(header.width(), header.height());
  }

  private Optional<String> refusal(long width, long height) {
    String size = "an image of %d×%d pixels, ".formatted(width, height);
    if (width * height > maxPixels) {
      return Optional.of(size + "more than the %d allowed".formatted(maxPixels));
    }
    return Math.max(width, height) > LONGEST_SIDE
        ? Optional.of(size + "more than the %d allowed of a side".formatted(LONGEST_SIDE))
        : Optional.empty();
  }

  private Container container(byte[] bytes) throws Malformed {
    Container file = Container.of(bytes);
    checkSize(file.width(), file.height());
    return file;
  }

  private void checkSize(long width, long height) throws Malformed {
    Optional<String> refusal = refusal(width, height);
    if (refusal.isPresent()) {
      throw new Malformed(refusal.get());
    }
  }

  private BufferedImage decoded(Container file) throws Malformed {
    ImageReader reader = reader(file.format());
    try (ImageInputStream in = new FileBytes(file.decodable())) {
      reader.setInput(in, true, file.format() != ImageFormat.JPEG);
      checkSize(reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      if (image.getWidth() != file.width() || image.getHeight() != file.height()) {
        throw new Malformed("a damaged image: of another size than it says");
      }
      return image;
    } catch (Malformed e) {
      throw e;
    } catch (IOException | RuntimeException e) { // readers throw anything on damaged files
      throw new Malformed(
          "a damaged image: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader reader(ImageFormat format) {
    Iterator<ImageReader> readers =
        ImageIO.getImageReadersByFormatName(format.name().toLowerCase(Locale.ROOT));
    if (!readers.hasNext()) {
      throw new IllegalStateException("this Java platform reads no " + format.word());
    }
    return readers.next();
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

  private Picture picture(Container file) throws Malformed {
    BufferedImage image = decoded(file);
    if (file.format() == ImageFormat.TIFF
        && file.inks()
        && image.getColorModel().getColorSpace().getType() != ColorSpace.TYPE_CMYK) {
      throw new Malformed("inks in other than four samples of 8 bits, without a profile for them");
    }
    int plane = file.height() * file.width();
    byte[] rgb = new byte[3 * plane];
    boolean hasAlpha = image.getColorModel().hasAlpha() && !file.opaque();
    byte[] alpha = hasAlpha ? new byte[plane] : Container.NONE;
    RowReader rows = rowReader(image, hasAlpha);
    int[] row = new int[file.width()];
    for (int y = 0; y < file.height(); y++) {
      rows.read(y, row);
      for (int x = 0; x < row.length; x++) {
        int at = y * row.length + x;
        rgb[at] = (byte) (row[x] >> 16);
        rgb[plane + at] = (byte) (row[x] >> 8);
        rgb[2 * plane + at] = (byte) row[x];
        if (alpha.length > 0) {
          alpha[at] = (byte) (row[x] >> 24);
        }
      }
    }
    return new Picture(
        file.format(),
        new Pixels(file.height(), file.width(), rgb),
        alpha,
        file.grey(),
        file.bits(),
        file.orientation(),
        profileIs(file.profile(), file.grey() ? "GRAY" : "RGB ") ? file.profile() : Container.NONE,
        file.colour(),
        file.inks());
  }

  /** Whether an ICC profile says of itself that it is for colours of that kind. */
  private static boolean profileIs(byte[] profile, String kind) {
    return profile.length > 128
        && ByteView.bigEndian(Arrays.copyOfRange(profile, 36, 40)).startsWith("acsp")
        && ByteView.bigEndian(Arrays.copyOfRange(profile, 16, 20)).startsWith(kind);
  }

  /** Gives a row as 0xAARRGGBB. */
  private interface RowReader {
    void read(int y, int[] argb);
  }

  private static RowReader rowReader(BufferedImage image, boolean hasAlpha) throws Malformed {
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    int type = model.getColorSpace().getType();
    boolean stored = type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB;
    int width = image.getWidth();
    if (raster.getTransferType() == DataBuffer.TYPE_FLOAT
        || raster.getTransferType() == DataBuffer.TYPE_DOUBLE) {
      throw new Malformed("samples that are fractions, which have no brightest value");
    }
    if (model instanceof IndexColorModel || !stored) {
      return (y, argb) -> image.getRGB(0, y, width, 1, argb, 0, width);
    }
    // not getRGB: it takes grey values for linear light and brightens them
    int bands = raster.getNumBands();
    boolean grey = type == ColorSpace.TYPE_GRAY;
    int alphaBand = hasAlpha ? bands - 1 : -1;
    for (int band = 0; band < bands; band++) {
      if (model.getComponentSize(band) < 1) {
        throw new Malformed("a colour of no bits");
      }
    }
    boolean associated = hasAlpha && model.isAlphaPremultiplied();
    int[] samples = new int[width * bands];
    return (y, argb) -> {
      raster.getPixels(0, y, width, 1, samples);
      for (int x = 0; x < width; x++) {
        int at = x * bands;
        int red = eight(samples[at], model, 0);
        int green = grey ? red : eight(samples[at + 1], model, 1);
        int blue = grey ? red : eight(samples[at + 2], model, 2);
        int alpha = alphaBand < 0 ? 255 : eight(samples[at + alphaBand], model, alphaBand);
        if (associated && alpha > 0) { // stored is c·α
          double opacity = part(samples[at + alphaBand], model, alphaBand);
          red = eight(part(samples[at], model, 0) / opacity);
          green = grey ? red : eight(part(samples[at + 1], model, 1) / opacity);
          blue = grey ? red : eight(part(samples[at + 2], model, 2) / opacity);
        }
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

  private static int eight(double part) {
    return (int) Math.min(255, Math.round(255 * part));
  }

  /** A sample as a part of the most that it can be. */
  private static double part(int sample, ColorModel model, int band) {
    long most = (1L << model.getComponentSize(band)) - 1;
    return (double) (sample & most) / most;
  }
}

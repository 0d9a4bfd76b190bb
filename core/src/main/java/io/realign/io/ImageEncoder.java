package io.realign.io;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Pictures to the bytes of files: 8 bits a sample, with alpha, orientation and colour profile;
 * other metadata is not carried over. The same picture gives the same bytes each time.
 *
 * @param quality of a JPEG, 1 to 100 as libjpeg counts it; colours keep their full resolution
 */
public record ImageEncoder(int quality) {

  private static final String JPEG_TREE = "javax_imageio_jpeg_image_1.0";

  /** Checks the quality. */
  public ImageEncoder {
    if (quality < 1 || quality > 100) {
      throw new InputException("the quality of a JPEG is 1 to 100, not " + quality);
    }
  }

  /**
   * The format that a picture can be written in with all that it shows: its own, or PNG where that
   * is not written, or cannot hold its alpha.
   */
  public static ImageFormat keeping(Picture picture) {
    boolean kept =
        picture.format().written() && !(picture.format() == ImageFormat.BMP && picture.hasAlpha());
    return kept ? picture.format() : ImageFormat.PNG;
  }

  /**
   * The bytes of a file. Rows and columns and their orientation stay as they are where the format
   * does; in another format, whose readers may know no orientation, the picture is stored upright.
   *
   * @throws IllegalArgumentException for a format that is not written, or holds no alpha
   */
  public byte[] encode(Picture picture, ImageFormat format) {
    Picture stored = picture.format() == format ? picture : picture.turned();
    byte[] colour = picture.format() == format ? picture.colour() : Container.NONE;
    if (picture.hasAlpha() && format != ImageFormat.PNG) {
      throw new IllegalArgumentException(format.word() + " holds no alpha");
    }
    return switch (format) {
      case PNG ->
          PngFile.with(written(stored, format), stored.orientation(), stored.profile(), colour);
      case JPEG -> JpegFile.with(written(stored, format), stored.orientation(), stored.profile());
      case BMP -> written(stored, format);
      case GIF, TIFF, WEBP -> throw new IllegalArgumentException(format.word() + " is not written");
    };
  }

  private byte[] written(Picture picture, ImageFormat format) {
    BufferedImage image = view(picture, format);
    ImageWriter writer =
        ImageIO.getImageWritersByFormatName(format.name().toLowerCase(Locale.ROOT)).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      IIOMetadata metadata = null;
      if (format == ImageFormat.JPEG) {
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality(quality / 100f);
        metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), settings);
        keepColours(metadata);
      }
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, metadata), settings);
    } catch (IOException e) {
      throw new UncheckedIOException("a " + format.word() + " could not be made in memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Every component of the frame at full resolution. */
  private static void keepColours(IIOMetadata metadata) throws IIOInvalidTreeException {
    Element root = (Element) metadata.getAsTree(JPEG_TREE);
    NodeList components = root.getElementsByTagName("componentSpec");
    for (int i = 0; i < components.getLength(); i++) {
      Element component = (Element) components.item(i);
      component.setAttribute("HsamplingFactor", "1");
      component.setAttribute("VsamplingFactor", "1");
    }
    metadata.setFromTree(JPEG_TREE, root);
  }

  /** The picture as Java's writers want it; without alpha on the same bytes. */
  private static BufferedImage view(Picture picture, ImageFormat format) {
    Pixels pixels = picture.stored();
    if (format == ImageFormat.BMP) {
      return Images.buffered(pixels); // its writer takes pixels side by side only
    }
    int bands = (picture.grey() ? 1 : 3) + (picture.hasAlpha() ? 1 : 0);
    WritableRaster raster =
        picture.hasAlpha() ? interleaved(picture, bands) : planes(pixels, bands);
    int[] bits = new int[bands];
    Arrays.fill(bits, 8);
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(picture.grey() ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB),
            bits,
            picture.hasAlpha(),
            false,
            picture.hasAlpha() ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
            DataBuffer.TYPE_BYTE);
    return new BufferedImage(model, raster, false, null);
  }

  private static WritableRaster planes(Pixels pixels, int bands) {
    int plane = pixels.height() * pixels.width();
    byte[][] data = new byte[bands][];
    int[] offsets = new int[bands];
    int[] banks = new int[bands];
    for (int i = 0; i < bands; i++) {
      data[i] = pixels.rgb();
      offsets[i] = i * plane;
      banks[i] = i;
    }
    DataBufferByte buffer = new DataBufferByte(data, pixels.rgb().length);
    return Raster.createBandedRaster(
        buffer, pixels.width(), pixels.height(), pixels.width(), banks, offsets, null);
  }

  private static WritableRaster interleaved(Picture picture, int bands) {
    Pixels pixels = picture.stored();
    int plane = pixels.height() * pixels.width();
    byte[] data = new byte[Math.multiplyExact(bands, plane)];
    int[] offsets = new int[bands];
    for (int band = 0; band < bands; band++) {
      boolean alpha = band == bands - 1;
      for (int i = 0; i < plane; i++) {
        data[i * bands + band] = alpha ? picture.alpha()[i] : pixels.rgb()[band * plane + i];
      }
      offsets[band] = band;
    }
    return Raster.createInterleavedRaster(
        new DataBufferByte(data, data.length),
        pixels.width(),
        pixels.height(),
        bands * pixels.width(),
        bands,
        offsets,
        null);
  }
}

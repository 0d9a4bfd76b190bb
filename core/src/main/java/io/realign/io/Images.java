package io.realign.io;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Images from files, to files, to tensors and back. */
public final class Images {

  private Images() {}

  /**
   * Reads an image as nets see it, within the standard limits of {@link ImageDecoder}: alpha is
   * composited on white, the EXIF orientation applied, a colour profile ignored; of an animation
   * the first image.
   *
   * @throws InputException if there is no such file, it is no image, it is damaged, or it has more
   *     than 64 million pixels or 65,535 a side; one line that names it
   */
  public static Pixels read(Path file) {
    return ImageDecoder.standard().pixels(file);
  }

  /**
   * Reads a mask: a PNG, BMP or GIF that stores one value for each pixel, an index of a palette or
   * a grey value.
   *
   * @throws InputException as {@link #read(Path)}, and if the image stores colours
   */
  public static Mask readMask(Path file) {
    return ImageDecoder.standard().mask(file);
  }

  /**
   * As {@link #read(Path)}, for the bytes of a file.
   *
   * @param name what to call the image in an error
   */
  public static Pixels read(byte[] bytes, String name) {
    return ImageDecoder.standard().pixels(bytes, name);
  }

  /** The image at another size: bilinear where it grows, the area's mean where it shrinks. */
  public static Pixels resize(Pixels image, int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException("no image is %d×%d".formatted(width, height));
    }
    return height == image.height() && width == image.width()
        ? image
        : Resampling.resize(image, height, width);
  }

  /** Writes an 8-bit RGB PNG in one step (see {@link AtomicFile}). */
  public static void writePng(Path file, Pixels image) {
    AtomicFile.writeBytes(file, pngBytes(image));
  }

  /** The image as an 8-bit RGB PNG; the same bytes each time. */
  public static byte[] pngBytes(Pixels image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(buffered(image), "png", out)) {
        throw new IllegalStateException("this Java platform writes no PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a PNG could not be made in memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The image as a baseline JPEG with the usual tables and half the colour resolution; the same
   * bytes each time.
   *
   * @param quality 1 to 100, as libjpeg counts it
   */
  public static byte[] jpegBytes(Pixels image, int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("the quality of a JPEG is 1 to 100, not " + quality);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      settings.setCompressionQuality(quality / 100f);
      writer.setOutput(out);
      writer.write(null, new IIOImage(buffered(image), null, null), settings);
    } catch (IOException e) {
      throw new UncheckedIOException("a JPEG could not be made in memory", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  static BufferedImage buffered(Pixels image) {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    int plane = image.height() * image.width();
    byte[] rgb = image.rgb();
    for (int at = 0; at < plane; at++) {
      int value =
          (rgb[at] & 0xff) << 16 | (rgb[plane + at] & 0xff) << 8 | rgb[2 * plane + at] & 0xff;
      buffered.setRGB(at % image.width(), at / image.width(), value);
    }
    return buffered;
  }

  /**
   * A batch of images of one size.
   *
   * @return {@code [N,3,H,W]} fp32, each value {@code byte/255}, on the CPU
   */
  public static Tensor toTensor(List<Pixels> images) {
    if (images.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one image");
    }
    int height = images.getFirst().height();
    int width = images.getFirst().width();
    int size = 3 * height * width;
    byte[] bytes = new byte[Math.multiplyExact(images.size(), size)];
    for (int i = 0; i < images.size(); i++) {
      Pixels image = images.get(i);
      if (image.height() != height || image.width() != width) {
        throw new IllegalArgumentException(
            "the images of a batch have one size: %d×%d, not %d×%d"
                .formatted(width, height, image.width(), image.height()));
      }
      System.arraycopy(image.rgb(), 0, bytes, i * size, size);
    }
    try (Scope scope = Scope.open()) {
      Tensor borrowed =
          torch.from_blob(
              new BytePointer(bytes),
              new long[] {images.size(), 3, height, width},
              new TensorOptions(ScalarType.Byte));
      return scope.keep(borrowed.to(ScalarType.Float).div_(new Scalar(255f)));
    }
  }

  /**
   * Each image of a batch in 8 bits, rounded to the nearest; values outside [0,1] are clamped.
   *
   * @param batch {@code [N,3,H,W]} of any float type, on any device
   */
  public static List<Pixels> fromTensor(Tensor batch) {
    long[] shape = Ops.shape(batch);
    if (shape.length != 4 || shape[1] != 3) {
      throw new IllegalArgumentException("images are [N,3,H,W], not " + Arrays.toString(shape));
    }
    int height = Math.toIntExact(shape[2]);
    int width = Math.toIntExact(shape[3]);
    byte[] bytes;
    try (Scope scope = Scope.open()) {
      Tensor values = Ops.clamp(batch.detach().cpu().to(ScalarType.Float), 0, 1);
      Tensor rounded = Ops.scale(values, 255).round().to(ScalarType.Byte).contiguous();
      bytes = new byte[Math.toIntExact(rounded.numel())];
      new BytePointer(rounded.data_ptr()).get(bytes);
    }
    int size = 3 * height * width;
    List<Pixels> images = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += size) {
      images.add(new Pixels(height, width, Arrays.copyOfRange(bytes, at, at + size)));
    }
    return images;
  }
}

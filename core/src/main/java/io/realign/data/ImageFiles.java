package io.realign.data;

import io.realign.io.ImageFormat;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Labelled image files, decoded when asked for and brought to one size: the largest square in the
 * middle, scaled. An image of that size already keeps its bytes.
 */
record ImageFiles(
    String name, List<String> classes, List<Entry> entries, int imageSize, List<String> notes)
    implements Dataset {

  /** An image and its class. */
  record Entry(Path file, int label) {}

  ImageFiles {
    classes = List.copyOf(classes);
    entries = List.copyOf(entries);
    notes = List.copyOf(notes);
    if (imageSize < 1) {
      throw new InputException("the image size must be at least 1, not " + imageSize);
    }
  }

  /** The images of a folder in natural order; other files are passed over. */
  static List<Path> images(Path folder) {
    return children(folder).stream()
        .filter(file -> ImageFormat.isImageName(fileName(file)) && Files.isRegularFile(file))
        .toList();
  }

  /** The folders in a folder in natural order. */
  static List<Path> folders(Path folder) {
    return children(folder).stream().filter(child -> Files.isDirectory(child)).toList();
  }

  /** What is in a folder in natural order, but for what is hidden. */
  static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .filter(child -> !isHidden(child))
          .sorted((a, b) -> NaturalOrder.INSTANCE.compare(fileName(a), fileName(b)))
          .toList();
    } catch (IOException e) {
      throw new InputException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  /** Whether a name begins with a dot, as those that macOS leaves beside images do. */
  static boolean isHidden(Path file) {
    return fileName(file).startsWith(".");
  }

  static String fileName(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** A file's name without its ending. */
  static String stem(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot > fileName.lastIndexOf('/') + 1 ? fileName.substring(0, dot) : fileName;
  }

  @Override
  public int size() {
    return entries.size();
  }

  /**
   * {@inheritDoc}
   *
   * @throws InputException naming the file, if it is no image that can be read
   */
  @Override
  public Sample get(int index) {
    Entry entry = entries.get(index);
    return new Sample(
        square(Images.read(entry.file()), imageSize), Annotation.ofClass(entry.label()));
  }

  @Override
  public List<String> problems(int index) {
    Flaws flaws = Flaws.kept();
    flaws.read(() -> Images.read(entries.get(index).file()));
    return flaws.refused();
  }

  private static Pixels pixels(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++, at++) {
        int colour = image.getRGB(x, y);
        rgb[at] = (byte) (colour >> 16);
        rgb[at + width * height] = (byte) (colour >> 8);
        rgb[at + 2 * width * height] = (byte) colour;
      }
    }
    return new Pixels(height, width, rgb);
  }

  /** The largest square in the middle, scaled to {@code side}². */
  static Pixels square(Pixels image, int side) {
    if (image.width() == side && image.height() == side) {
      return image;
    }
    int least = Math.min(image.width(), image.height());
    BufferedImage scaled = middle(image, least);
    while (scaled.getWidth() > 2 * side) { // halving steps, so that no pixel is skipped
      scaled = scale(scaled, (scaled.getWidth() + 1) / 2);
    }
    return pixels(scale(scaled, side));
  }

  private static BufferedImage middle(Pixels image, int side) {
    BufferedImage middle = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    int left = (image.width() - side) / 2;
    int top = (image.height() - side) / 2;
    int plane = image.width() * image.height();
    byte[] rgb = image.rgb();
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int at = (top + y) * image.width() + left + x;
        middle.setRGB(
            x,
            y,
            (rgb[at] & 0xff) << 16 | (rgb[at + plane] & 0xff) << 8 | (rgb[at + 2 * plane] & 0xff));
      }
    }
    return middle;
  }

  private static BufferedImage scale(BufferedImage image, int side) {
    BufferedImage scaled = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = scaled.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, side, side, null);
    graphics.dispose();
    return scaled;
  }
}

package io.realign.report;

import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.data.Sample;
import io.realign.io.Pixels;
import io.realign.task.DetectedBox;
import io.realign.task.Finding;
import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Regions as a coat of colour and boxes with their names, over an image (figures 8 and 9). */
public final class Overlay {

  private static final double COAT = .6; // the share of the colour
  private static final double SURE = .3; // boxes with lower scores are not drawn
  private static final int LEAST_SIDE = 256; // smaller images are enlarged, so that names fit
  private static final float GOLDEN = .618034f;
  private static final int UNKNOWN = Annotation.UNKNOWN & 255;

  private Overlay() {}

  /**
   * An image with what is known about it: regions as a coat of colour, boxes with their names on an
   * image that may be enlarged, or the image as it is where that is one class.
   *
   * @param data names the classes
   */
  public static Pixels of(Sample sample, Labelling labelling, Dataset data) {
    Pixels image = sample.image();
    return switch (labelling) {
      case CLASSES -> image;
      case MASKS -> coat(image, sample.annotation().mask(), data.maskClasses()).image();
      case BOXES ->
          boxes(
                  image,
                  sample.annotation().boxes().stream()
                      .map(
                          box ->
                              new DetectedBox(
                                  box.label(),
                                  1,
                                  box.left() / image.width(),
                                  box.top() / image.height(),
                                  box.right() / image.width(),
                                  box.bottom() / image.height()))
                      .toList(),
                  data.classes())
              .image();
    };
  }

  /** The image with what was found on it; empty where that is one class. */
  static Optional<Gallery.Drawing> of(Pixels image, Finding found, List<String> classes) {
    return switch (found) {
      case Finding.OneClass one -> Optional.empty();
      case Finding.Regions regions -> Optional.of(coat(image, regions.mask(), classes));
      case Finding.Objects objects -> Optional.of(boxes(image, objects.boxes(), classes));
    };
  }

  /** The true boxes have no scores: all are drawn. */
  static Finding certain(Finding truth) {
    return truth instanceof Finding.Objects objects
        ? new Finding.Objects(
            objects.boxes().stream()
                .map(
                    box ->
                        new DetectedBox(
                            box.label(), 1, box.left(), box.top(), box.right(), box.bottom()))
                .toList())
        : truth;
  }

  /** A colour for each class, far from that of its neighbours. */
  static Color colour(int label) {
    float hue = label * GOLDEN % 1;
    return Color.getHSBColor(hue, label % 2 == 0 ? .95f : .65f, label % 3 == 0 ? .75f : .95f);
  }

  private static boolean isDark(Color colour) {
    return .299 * colour.getRed() + .587 * colour.getGreen() + .114 * colour.getBlue() < 100;
  }

  /** The labels in a mask, in ascending order; 255 where it is unknown. */
  static int[] labels(byte[] mask) {
    boolean[] there = new boolean[UNKNOWN + 1];
    for (byte value : mask) {
      there[value & 255] = true;
    }
    return IntStream.range(0, there.length).filter(label -> there[label]).toArray();
  }

  /** Background stays bare, what is unknown is grey. */
  private static Gallery.Key key(int label, List<String> classes) {
    if (label == UNKNOWN) {
      return new Gallery.Key(label, "unknown", Optional.of(Color.GRAY));
    }
    String name = label < classes.size() ? classes.get(label) : "class " + label;
    return new Gallery.Key(
        label, name, Dataset.isBackground(name) ? Optional.empty() : Optional.of(colour(label)));
  }

  private static Gallery.Drawing coat(Pixels image, byte[] mask, List<String> classes) {
    List<Gallery.Key> key =
        IntStream.of(labels(mask)).mapToObj(label -> key(label, classes)).toList();
    Color[] colours = new Color[UNKNOWN + 1];
    key.forEach(each -> each.colour().ifPresent(colour -> colours[each.label()] = colour));
    byte[] rgb = image.rgb().clone();
    int plane = image.height() * image.width();
    for (int i = 0; i < plane; i++) {
      Color colour = colours[mask[i] & 255];
      if (colour == null) {
        continue;
      }
      int[] parts = {colour.getRed(), colour.getGreen(), colour.getBlue()};
      for (int channel = 0; channel < 3; channel++) {
        int at = channel * plane + i;
        rgb[at] = (byte) Math.round((1 - COAT) * (rgb[at] & 255) + COAT * parts[channel]);
      }
    }
    return new Gallery.Drawing(new Pixels(image.height(), image.width(), rgb), key);
  }

  private static Gallery.Drawing boxes(
      Pixels image, List<DetectedBox> boxes, List<String> classes) {
    int factor = Math.max(1, Math.ceilDiv(LEAST_SIDE, Math.max(image.height(), image.width())));
    int width = factor * image.width();
    int height = factor * image.height();
    BufferedImage picture = Images.buffered(image);
    BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = canvas.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.drawImage(picture, 0, 0, width, height, null);
    graphics.setStroke(new BasicStroke(2));
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    List<DetectedBox> sure = boxes.stream().filter(box -> box.score() >= SURE).toList();
    for (DetectedBox box : sure.reversed()) { // the surest on top
      draw(graphics, box, classes.get(box.label()), width, height);
    }
    graphics.dispose();
    return new Gallery.Drawing(
        Images.pixels(canvas),
        sure.stream()
            .map(DetectedBox::label)
            .distinct()
            .map(label -> new Gallery.Key(label, classes.get(label), Optional.of(colour(label))))
            .toList());
  }

  private static void draw(
      Graphics2D graphics, DetectedBox box, String name, int width, int height) {
    int left = Math.clamp(Math.round(box.left() * width), 0, width - 1);
    int top = Math.clamp(Math.round(box.top() * height), 0, height - 1);
    int right = Math.clamp(Math.round(box.right() * width), 0, width - 1);
    int bottom = Math.clamp(Math.round(box.bottom() * height), 0, height - 1);
    graphics.setColor(colour(box.label()));
    graphics.drawRect(left, top, right - left, bottom - top);
    String words =
        box.score() == 1 ? name : String.format(Locale.ROOT, "%s %.2f", name, box.score());
    FontMetrics size = graphics.getFontMetrics();
    int y = Math.max(top, size.getHeight());
    int x = Math.clamp(width - size.stringWidth(words) - 4, 0, left);
    graphics.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, .8f));
    graphics.fillRect(x, y - size.getHeight(), size.stringWidth(words) + 4, size.getHeight());
    graphics.setComposite(AlphaComposite.SrcOver);
    graphics.setColor(isDark(colour(box.label())) ? Color.WHITE : Color.BLACK);
    graphics.drawString(words, x + 2, y - size.getDescent());
  }
}

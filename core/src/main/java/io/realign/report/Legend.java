package io.realign.report;

import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.io.Pixels;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.SequencedMap;

/** Which colour of an {@link Overlay} of regions stands for which class. */
public final class Legend {

  private static final int ROW = 18;
  private static final int SWATCH = 12;
  private static final int GAP = 4;

  private Legend() {}

  /**
   * Colours and names side by side, in as many rows as it takes.
   *
   * @param names by the value in the mask; background, which is left bare, has an empty square
   * @param width in pixels; a name that is wider alone is cut
   */
  public static Pixels of(SequencedMap<Integer, String> names, int width) {
    BufferedImage measured = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    int rows = draw(measured, names, width);
    BufferedImage canvas =
        new BufferedImage(width, Math.max(1, rows * ROW), BufferedImage.TYPE_INT_RGB);
    draw(canvas, names, width);
    return Images.pixels(canvas);
  }

  private static int draw(BufferedImage canvas, SequencedMap<Integer, String> names, int width) {
    Graphics2D graphics = canvas.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    FontMetrics metrics = graphics.getFontMetrics();
    int left = GAP;
    int row = 0;
    for (int value : List.copyOf(names.sequencedKeySet())) {
      String name = names.getOrDefault(value, "");
      int taken = SWATCH + GAP + metrics.stringWidth(name);
      if (left > GAP && left + taken > width) {
        left = GAP;
        row++;
      }
      int top = row * ROW + (ROW - SWATCH) / 2;
      graphics.setColor(colour(value, name));
      graphics.fillRect(left, top, SWATCH, SWATCH);
      graphics.setColor(Color.BLACK);
      graphics.drawRect(left, top, SWATCH, SWATCH);
      graphics.drawString(
          name, left + SWATCH + GAP, row * ROW + (ROW + metrics.getAscent()) / 2 - 1);
      left += taken + 3 * GAP;
    }
    graphics.dispose();
    return names.isEmpty() ? 0 : row + 1;
  }

  private static Color colour(int value, String name) {
    return Dataset.isBackground(name)
        ? Color.WHITE
        : value == (Annotation.UNKNOWN & 255) ? Color.GRAY : Overlay.colour(value);
  }
}

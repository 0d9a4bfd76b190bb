package io.realign.data;

import java.util.SplittableRandom;

/**
 * Smaller objects: some of the images lie somewhere on a canvas of mean grey (Liu et al., 2016,
 * arXiv 1512.02325, sec. 3.6).
 *
 * @param share probability that an image is changed, in [0,1]
 * @param largest how many times as wide and as high as the image the canvas may be, at least 1
 */
public record Expand(double share, double largest) {

  /** Checks the ranges. */
  public Expand {
    if (!(share >= 0 && share <= 1) || !(largest >= 1 && largest < 100)) {
      throw new IllegalArgumentException(
          "an expansion of a share %s, up to %s times".formatted(share, largest));
    }
  }

  /** The published one: every second image, up to 4 times. */
  public static Expand standard() {
    return new Expand(.5, 4);
  }

  /** The canvas: a window that holds all of an image of {@code height} × {@code width} pixels. */
  Window draw(SplittableRandom random, int height, int width) {
    if (random.nextDouble() >= share) {
      return new Window(0, 0, height, width);
    }
    double ratio = 1 + (largest - 1) * random.nextDouble();
    int rows = Math.toIntExact(Math.round(ratio * height));
    int columns = Math.toIntExact(Math.round(ratio * width));
    int down = random.nextInt(rows - height + 1);
    return new Window(-random.nextInt(columns - width + 1), -down, rows, columns);
  }
}

package io.realign.data;

import io.realign.torch.Seed;
import java.util.SplittableRandom;

/**
 * Smaller objects: some of the images lie somewhere on a canvas of mean grey (Liu et al., 2016,
 * arXiv 1512.02325, sec. 3.6), brought back to the size of the image.
 *
 * @param share probability that an image is changed, in [0,1]
 * @param largest how many times as wide and as high as the image the canvas may be, at least 1
 */
public record Expand(double share, double largest) implements Augmentation {

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

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    if (random.nextDouble() >= share) {
      return sample;
    }
    double ratio = 1 + (largest - 1) * random.nextDouble();
    int height = sample.image().height();
    int width = sample.image().width();
    int rows = Math.max(1, (int) Math.round(height / ratio));
    int columns = Math.max(1, (int) Math.round(width / ratio));
    int down = random.nextInt(height - rows + 1);
    int right = random.nextInt(width - columns + 1);
    return new Window(-right, -down, height, width).of(Fit.scale(sample, rows, columns));
  }
}

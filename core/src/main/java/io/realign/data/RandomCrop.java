package io.realign.data;

import io.realign.torch.Seed;
import java.util.SplittableRandom;

/**
 * A square cut out of an image of any shape: scaled, turned, mirrored with probability ½ (the
 * paper's for masks; Zhao et al., 2017, arXiv 1612.01105, train so).
 *
 * <p>The crop lies anywhere within the scaled image, or around one that is smaller; beyond the
 * frame it shows mean grey and its mask is unknown.
 *
 * @param smallest factor of the size, above 0
 * @param largest factor of the size
 * @param fitted whether a factor of 1 is the size at which all of the image just fits into the
 *     crop; else it is the image's own
 * @param degrees largest angle, either way, in [0,180]
 * @param side height and width of the crop, in pixels, at least 1
 */
public record RandomCrop(double smallest, double largest, boolean fitted, double degrees, int side)
    implements Augmentation {

  private static final double DEGREES = 10;

  /** Checks the ranges. */
  public RandomCrop {
    if (!(smallest > 0 && smallest <= largest && largest < 100)
        || !(degrees >= 0 && degrees <= 180)
        || side < 1) {
      throw new IllegalArgumentException(
          "crops of %d² pixels at sizes %s to %s and up to %s°"
              .formatted(side, smallest, largest, degrees));
    }
  }

  /**
   * The paper's: up to 10°, Cityscapes at a quarter to all of its size, VOC at half to twice. Other
   * images, which may be of any size, at half to twice that at which the net sees the whole.
   */
  public static RandomCrop published(Dataset data) {
    boolean ofAnySize = !VocDevkit.NAMES.contains(data.name());
    return data.name().equals(Cityscapes.NAME)
        ? new RandomCrop(.25, 1, false, DEGREES, data.imageSize())
        : new RandomCrop(.5, 2, ofAnySize, DEGREES, data.imageSize());
  }

  @Override
  public boolean ofOriginals() {
    return true;
  }

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    int width = sample.image().width();
    int height = sample.image().height();
    double size = smallest + (largest - smallest) * random.nextDouble();
    if (fitted) {
      size *= (double) side / Math.max(width, height);
    }
    double angle = Math.toRadians(degrees * (2 * random.nextDouble() - 1));
    double middleX = middle(random, size * width) / size;
    double middleY = middle(random, size * height) / size;
    boolean flip = random.nextBoolean();
    // the part of the image that the turned square touches, and a pixel to interpolate with
    double reach = Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle));
    int around = (int) Math.ceil(side * reach / size) + 2;
    int scaled = Math.max(side, (int) Math.round(around * size));
    Sample part =
        new Window(
                (int) Math.round(middleX - around / 2.0),
                (int) Math.round(middleY - around / 2.0),
                around,
                around)
            .scaled(sample, scaled, scaled);
    Sample turned =
        angle == 0 ? part : new AffineWarp.View(angle, 1, 0, 0, AffineWarp.Beyond.GREY, 0).of(part);
    int edge = (scaled - side) / 2;
    Sample cut = new Window(edge, edge, side, side).of(turned);
    return flip ? Augmentation.CropFlip.shift(cut, 0, 0, true) : cut;
  }

  /** Where the crop's middle lies along a scaled image of {@code length} pixels. */
  private double middle(SplittableRandom random, double length) {
    return length / 2 + (length - side) * (random.nextDouble() - .5);
  }
}

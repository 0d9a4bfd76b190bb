package io.realign.data;

import io.realign.torch.Seed;
import java.util.SplittableRandom;

/**
 * A view of a scene: nearer or farther, from a little to the side, turned, mirrored. For images
 * with masks or boxes (the paper's scale, crop, rotation and flip in one; expand, crop and mirror
 * of single-shot detectors).
 *
 * <p>Beyond the frame the mask is unknown. A box of which less than half stays in the frame is left
 * out.
 *
 * @param smallest factor of the size, above 0
 * @param largest factor of the size
 * @param degrees largest angle, either way, in [0,180]
 * @param beyond what the image shows beyond its frame
 */
public record RandomView(double smallest, double largest, double degrees, AffineWarp.Beyond beyond)
    implements Augmentation {

  private static final double LEAST = .5;

  /** Checks the ranges. */
  public RandomView {
    if (!(smallest > 0 && smallest <= largest && largest < 100)
        || !(degrees >= 0 && degrees <= 180)) {
      throw new IllegalArgumentException(
          "views of sizes %s to %s and up to %s°".formatted(smallest, largest, degrees));
    }
  }

  /** The paper's for segmentation of VOC: half to twice the size, 10°. */
  public static RandomView ofMasks() {
    return new RandomView(.5, 2, 10, AffineWarp.Beyond.MIRROR);
  }

  /**
   * For detection: upright, so that boxes stay tight, and without mirrored objects that have none.
   */
  public static RandomView ofBoxes() {
    return new RandomView(.6, 2, 0, AffineWarp.Beyond.GREY);
  }

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    double size = smallest * Math.pow(largest / smallest, random.nextDouble());
    double angle = Math.toRadians(degrees * (2 * random.nextDouble() - 1));
    double room = Math.abs(size - 1) / 2; // how far the middle may lie aside, of the side
    double right = room * (2 * random.nextDouble() - 1) * sample.image().width();
    double down = room * (2 * random.nextDouble() - 1) * sample.image().height();
    boolean flip = random.nextBoolean();
    Sample seen = new AffineWarp.View(angle, size, right, down, beyond, LEAST).of(sample);
    return flip ? Augmentation.CropFlip.shift(seen, 0, 0, true) : seen;
  }
}

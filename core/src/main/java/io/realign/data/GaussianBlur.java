package io.realign.data;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.SplittableRandom;

/**
 * Some of the images a little out of focus: the mean under a Gaussian, edges mirrored. Mask and
 * boxes stay as they are.
 *
 * @param share probability that an image is changed, in [0,1]
 * @param smallest standard deviation, in pixels, above 0
 * @param largest standard deviation
 */
public record GaussianBlur(double share, double smallest, double largest) implements Augmentation {

  /** Checks the ranges. */
  public GaussianBlur {
    if (!(share >= 0 && share <= 1) || !(smallest > 0 && smallest <= largest && largest <= 100)) {
      throw new IllegalArgumentException(
          "a blur of a share %s by %s to %s pixels".formatted(share, smallest, largest));
    }
  }

  /**
   * Every second image, by ½ to 1½ pixels. The paper says no more than blur; the released code of
   * PSPNet (Zhao et al., 2017, arXiv 1612.01105) blurs every second image by five pixels weighted
   * 1, 4, 6, 4, 1, whose standard deviation is 1.
   */
  public static GaussianBlur standard() {
    return new GaussianBlur(.5, .5, 1.5);
  }

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    if (random.nextDouble() >= share) {
      return sample;
    }
    double deviation = smallest + (largest - smallest) * random.nextDouble();
    return new Sample(blur(sample.image(), deviation), sample.annotation());
  }

  private static Pixels blur(Pixels image, double deviation) {
    int height = image.height();
    int width = image.width();
    float[] weights = weights(deviation);
    int[] columns = sources(width, weights.length / 2);
    int[] rows = sources(height, weights.length / 2);
    byte[] from = image.rgb();
    byte[] rgb = new byte[from.length];
    float[] across = new float[height * width];
    for (int plane = 0; plane < rgb.length; plane += across.length) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          float sum = 0;
          for (int k = 0; k < weights.length; k++) {
            sum += weights[k] * (from[plane + y * width + columns[x + k]] & 255);
          }
          across[y * width + x] = sum;
        }
      }
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          float sum = 0;
          for (int k = 0; k < weights.length; k++) {
            sum += weights[k] * across[rows[y + k] * width + x];
          }
          rgb[plane + y * width + x] = (byte) Math.clamp(Math.round(sum), 0, 255);
        }
      }
    }
    return new Pixels(height, width, rgb);
  }

  /** exp(−d²/2σ²) at d = −⌈3σ⌉ … ⌈3σ⌉, with sum 1. */
  private static float[] weights(double deviation) {
    int reach = (int) Math.ceil(3 * deviation);
    double[] raw = new double[2 * reach + 1];
    double sum = 0;
    for (int k = 0; k < raw.length; k++) {
      double distance = (k - reach) / deviation;
      raw[k] = Math.exp(-distance * distance / 2);
      sum += raw[k];
    }
    float[] weights = new float[raw.length];
    for (int k = 0; k < raw.length; k++) {
      weights[k] = (float) (raw[k] / sum);
    }
    return weights;
  }

  /** What lies at −reach … n−1+reach of a line of {@code n}. */
  private static int[] sources(int n, int reach) {
    int[] sources = new int[n + 2 * reach];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = AffineWarp.mirrored(i - reach, n);
    }
    return sources;
  }
}

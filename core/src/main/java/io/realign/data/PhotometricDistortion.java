package io.realign.data;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.awt.Color;
import java.util.SplittableRandom;

/**
 * Another light: brightness, contrast, saturation and hue, each changed in every second image (Liu
 * et al., 2016, arXiv 1512.02325, after Howard, 2013). Mask and boxes stay as they are.
 *
 * @param brightness largest change, either way, of values in 0..255
 * @param contrast largest change of the factor of all values, in [0,1)
 * @param saturation likewise of the saturation
 * @param hue largest turn, either way, in degrees
 */
public record PhotometricDistortion(
    double brightness, double contrast, double saturation, double hue) implements Augmentation {

  /** Checks the ranges. */
  public PhotometricDistortion {
    if (!(brightness >= 0 && brightness <= 255)
        || !(contrast >= 0 && contrast < 1)
        || !(saturation >= 0 && saturation < 1)
        || !(hue >= 0 && hue <= 180)) {
      throw new IllegalArgumentException(
          "a distortion by %s, %s, %s and %s°".formatted(brightness, contrast, saturation, hue));
    }
  }

  /** The published one: 32, a half, a half and 18°. */
  public static PhotometricDistortion standard() {
    return new PhotometricDistortion(32, .5, .5, 18);
  }

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    double shift = random.nextBoolean() ? brightness * way(random) : 0;
    double factor = random.nextBoolean() ? 1 + contrast * way(random) : 1;
    double colour = random.nextBoolean() ? 1 + saturation * way(random) : 1;
    double turn = random.nextBoolean() ? hue / 360 * way(random) : 0;
    byte[] from = sample.image().rgb();
    byte[] rgb = new byte[from.length];
    int plane = from.length / 3;
    float[] hsb = new float[3];
    boolean colours = colour != 1 || turn != 0;
    for (int i = 0; i < plane; i++) {
      int red = light(from[i], shift, factor);
      int green = light(from[plane + i], shift, factor);
      int blue = light(from[2 * plane + i], shift, factor);
      if (colours) {
        Color.RGBtoHSB(red, green, blue, hsb);
        float strength = (float) Math.clamp(hsb[1] * colour, 0, 1);
        int value = Color.HSBtoRGB((float) (hsb[0] + turn), strength, hsb[2]);
        red = value >> 16 & 255;
        green = value >> 8 & 255;
        blue = value & 255;
      }
      rgb[i] = (byte) red;
      rgb[plane + i] = (byte) green;
      rgb[2 * plane + i] = (byte) blue;
    }
    return new Sample(
        new Pixels(sample.image().height(), sample.image().width(), rgb), sample.annotation());
  }

  private static double way(SplittableRandom random) {
    return 2 * random.nextDouble() - 1;
  }

  private static int light(byte value, double shift, double factor) {
    return (int) Math.clamp(Math.round(((value & 255) + shift) * factor), 0, 255);
  }
}

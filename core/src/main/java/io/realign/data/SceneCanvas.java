package io.realign.data;

import io.realign.io.Pixels;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.SplittableRandom;

/** A square picture in the making: planar RGB floats about [0,1]. */
final class SceneCanvas {

  /** The colour at a point of the unit square. */
  interface Paint {
    float at(int channel, float u, float v);
  }

  private final int side;
  private float[] rgb;

  SceneCanvas(int side) {
    this.side = side;
    this.rgb = new float[3 * side * side];
  }

  int side() {
    return side;
  }

  /** How much of each pixel {@code shape}, in pixels, covers: antialiased, 0 to 255 unsigned. */
  byte[] coverage(Shape shape) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(Color.WHITE);
    graphics.fill(shape);
    graphics.dispose();
    return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }

  /** Paints every pixel. */
  void fill(Paint paint) {
    for (int channel = 0, at = 0; channel < 3; channel++) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++, at++) {
          rgb[at] = paint.at(channel, (x + 0.5f) / side, (y + 0.5f) / side);
        }
      }
    }
  }

  /** Paints where {@code coverage} says, {@code opacity} in [0,1]. */
  void fill(byte[] coverage, float opacity, Paint paint) {
    for (int y = 0, at = 0; y < side; y++) {
      for (int x = 0; x < side; x++, at++) {
        if (coverage[at] != 0) {
          float alpha = opacity * (coverage[at] & 0xff) / 255f;
          for (int channel = 0; channel < 3; channel++) {
            int k = channel * side * side + at;
            float colour = paint.at(channel, (x + 0.5f) / side, (y + 0.5f) / side);
            rgb[k] += alpha * (colour - rgb[k]);
          }
        }
      }
    }
  }

  /** Darkens where {@code coverage}, moved by whole pixels, falls; a soft edge by averaging. */
  void shade(byte[] coverage, int dx, int dy, float strength) {
    int reach = Math.max(1, side / 32);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int sum = 0;
        for (int j = -1; j <= 1; j++) {
          for (int i = -1; i <= 1; i++) {
            int sx = x - dx + i * reach;
            int sy = y - dy + j * reach;
            if (sx >= 0 && sy >= 0 && sx < side && sy < side) {
              sum += coverage[sy * side + sx] & 0xff;
            }
          }
        }
        for (int channel = 0; channel < 3; channel++) {
          rgb[(channel * side + y) * side + x] *= 1 - strength * sum / (9 * 255f);
        }
      }
    }
  }

  /** Multiplies by {@code 1 + strength·(−1…1)} along a direction. */
  void light(double angle, float strength) {
    float a = (float) Math.cos(angle) * strength;
    float b = (float) Math.sin(angle) * strength;
    for (int channel = 0, at = 0; channel < 3; channel++) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++, at++) {
          rgb[at] *= 1 + a * (2f * x / side - 1) + b * (2f * y / side - 1);
        }
      }
    }
  }

  /** Mixes each pixel with the mean of its four neighbours. */
  void blur(float weight) {
    float[] soft = rgb.clone();
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 1; y < side - 1; y++) {
        int row = (channel * side + y) * side;
        for (int at = row + 1; at < row + side - 1; at++) {
          float mean = (rgb[at - 1] + rgb[at + 1] + rgb[at - side] + rgb[at + side]) / 4;
          soft[at] += weight * (mean - rgb[at]);
        }
      }
    }
    rgb = soft;
  }

  /** The picture with noise of the given deviation, in bytes. */
  Pixels develop(SplittableRandom random, double deviation) {
    byte[] bytes = new byte[rgb.length];
    double spread = deviation * Math.sqrt(3); // uniform noise on ±√3·σ has deviation σ
    for (int i = 0; i < bytes.length; i++) {
      double value = rgb[i] + spread * (2 * random.nextDouble() - 1);
      bytes[i] = (byte) Math.clamp(Math.round(value * 255), 0, 255);
    }
    return new Pixels(side, side, bytes);
  }
}

package io.realign.data;

import java.util.SplittableRandom;

/** A pattern over the plane, in about [−1,1]; the frame is the unit square. */
interface SceneTexture {

  float at(float u, float v);

  /** Stripes, checks or noise. */
  static SceneTexture any(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> stripes(random);
      case 1 -> checks(random);
      default -> noise(random, random.nextInt(3, 9));
    };
  }

  /** Soft parallel stripes at a random angle. */
  static SceneTexture stripes(SplittableRandom random) {
    double angle = random.nextDouble(Math.PI);
    double waves = 2 * Math.PI * random.nextDouble(2, 6);
    float a = (float) (waves * Math.cos(angle));
    float b = (float) (waves * Math.sin(angle));
    float phase = (float) random.nextDouble(2 * Math.PI);
    return (u, v) -> (float) Math.sin(a * u + b * v + phase);
  }

  private static SceneTexture checks(SplittableRandom random) {
    SceneTexture one = stripes(random);
    SceneTexture other = stripes(random);
    return (u, v) -> one.at(u, v) * other.at(u, v) > 0 ? 0.7f : -0.7f;
  }

  /** Smooth value noise of {@code cells} cells a side. */
  static SceneTexture noise(SplittableRandom random, int cells) {
    int side = cells + 2;
    float[] lattice = new float[side * side];
    for (int i = 0; i < lattice.length; i++) {
      lattice[i] = (float) random.nextDouble(-1, 1);
    }
    return (u, v) -> {
      float x = Math.clamp(u, 0, 1) * cells;
      float y = Math.clamp(v, 0, 1) * cells;
      int i = (int) x;
      int j = (int) y;
      float s = smooth(x - i);
      float t = smooth(y - j);
      int at = j * side + i;
      float upper = lattice[at] + s * (lattice[at + 1] - lattice[at]);
      float lower = lattice[at + side] + s * (lattice[at + side + 1] - lattice[at + side]);
      return upper + t * (lower - upper);
    };
  }

  private static float smooth(float t) {
    return t * t * (3 - 2 * t);
  }
}

package io.realign.align;

/** Which image each repaired image is drawn to, in pixels. */
public enum PixelScheme {
  /**
   * The paper's novelty: x̂_c to x_c, and x̂_a to x̂_c; D takes x̂_c for real and x̂_a for fake.
   */
  ALIGNED,
  /**
   * The usual way, L_T in the ablation: x̂_c and x̂_a to x_c; D takes x_c for real and both
   * repaired ones for fake.
   */
  TRADITIONAL
}

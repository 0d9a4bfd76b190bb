package io.realign.align;

import java.util.Locale;

/**
 * Whose choices to take where the paper and the authors' released code differ; docs/papers.md has
 * the table.
 */
public enum Variant {
  /** VGG-16 with equal stages, features before the last layer, unconditional D. */
  PAPER,
  /**
   * VGG-19 with stages weighted 1/32 … 1 and a detached second argument, logits as features, D
   * conditioned on labels.
   */
  RELEASED;

  /** The variant with that name on the command line. */
  public static Variant named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "paper" -> PAPER;
      case "released" -> RELEASED;
      default ->
          throw new IllegalArgumentException(
              "unknown variant '" + name + "': one of paper, released");
    };
  }

  /** Whether z is the output of the last layer; else of the layer before it. */
  public boolean featuresAreLogits() {
    return this == RELEASED;
  }

  /** Whether D sees the label map beside the image. */
  public boolean conditional() {
    return this == RELEASED;
  }
}

package io.realign.align;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which terms of the loss are on: the rows of the paper's tables 1 and 2. */
public enum LossPreset {
  /** All terms. */
  FULL("full", PixelScheme.ALIGNED, true, true),
  /** Pixel terms (1–4) alone. */
  LI("LI", PixelScheme.ALIGNED, false, false),
  /** Feature terms (5, 6) alone. */
  LF("LF", null, true, false),
  /** Pixel and feature terms without the class-aware ones. */
  LI_F("LI+F", PixelScheme.ALIGNED, true, false),
  /** Traditional pixel terms alone. */
  LT("LT", PixelScheme.TRADITIONAL, false, false),
  /** Traditional pixel terms and feature terms without the class-aware ones. */
  LT_F("LT+F", PixelScheme.TRADITIONAL, true, false);

  private final String label;
  private final Optional<PixelScheme> pixels;
  private final boolean features;
  private final boolean classes;

  LossPreset(
      String label,
      @org.jspecify.annotations.Nullable PixelScheme pixels,
      boolean features,
      boolean classes) {
    this.label = label;
    this.pixels = Optional.ofNullable(pixels);
    this.features = features;
    this.classes = classes;
  }

  /** The preset with that name on the command line. */
  public static LossPreset named(String name) {
    return Arrays.stream(values())
        .filter(preset -> preset.label.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown loss '%s': one of %s"
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(LossPreset::label)
                                .collect(Collectors.joining(", ")))));
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** The scheme of the pixel terms (1–4); empty when they are off. */
  public Optional<PixelScheme> pixels() {
    return pixels;
  }

  /** Whether the feature terms (5, 6) are on. */
  public boolean features() {
    return features;
  }

  /** Whether the class-aware terms (7, 8) are on. */
  public boolean classes() {
    return classes;
  }
}

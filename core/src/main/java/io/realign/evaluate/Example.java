package io.realign.evaluate;

import io.realign.io.Pixels;
import java.util.Map;
import java.util.Optional;

/**
 * One image in the states that the evaluation brought it to.
 *
 * @param index its place in the dataset
 * @param label its true class
 * @param views what the target saw, by state; repaired states only with a defense
 */
public record Example(int index, int label, Map<ImageState, View> views) {

  /** Copies the map. */
  public Example {
    views = Map.copyOf(views);
  }

  /** What the target saw in {@code state}; empty if the image was never in it. */
  public Optional<View> view(ImageState state) {
    return Optional.ofNullable(views.get(state));
  }

  /**
   * What the target saw and said.
   *
   * @param predicted class with the highest probability
   * @param score that probability, in [0,1]
   */
  public record View(Pixels image, int predicted, double score) {}
}

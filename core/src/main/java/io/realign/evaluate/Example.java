package io.realign.evaluate;

import io.realign.io.Pixels;
import io.realign.task.Finding;
import java.util.Map;
import java.util.Optional;

/**
 * One image in the states that the evaluation brought it to.
 *
 * @param index its place in the dataset
 * @param label its true class; where it shows several, that of the largest object
 * @param truth everything that is true of it
 * @param views what the target saw, by state; repaired states only with a defense
 */
public record Example(int index, int label, Finding truth, Map<ImageState, View> views) {

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
   * @param found what it settled on
   * @param score how sure it was, in [0,1]
   * @param value the metric of this image by itself, in [0,1]
   */
  public record View(Pixels image, Finding found, double score, double value) {}
}

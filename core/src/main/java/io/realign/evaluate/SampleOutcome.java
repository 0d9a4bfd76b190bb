package io.realign.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What became of one image in one cell.
 *
 * @param index of the image in its dataset
 * @param label its true class; where it shows several, that of the largest object
 * @param defense the defense's name, or null for the bare target
 * @param attack the attack's name, or null for the clean image
 * @param threat what the attacker knew, or null for the clean image
 * @param predicted the class that the target settled on; null unless one class is asked for
 * @param value the metric of this image by itself; of a randomised target or defense, in the worst
 *     draw: 1 or 0 for one class, right or wrong
 * @param rate the same, the mean over the draws
 * @param change the size of the attack's change in the attack's norm; 0 for the clean image
 */
public record SampleOutcome(
    int index,
    int label,
    @Nullable String defense,
    @Nullable String attack,
    @Nullable Threat threat,
    @Nullable Integer predicted,
    double value,
    double rate,
    double change) {

  /** Whether one class was asked for, and answered in every draw. */
  public boolean right() {
    return predicted != null && value == 1;
  }
}

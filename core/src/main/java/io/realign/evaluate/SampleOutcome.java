package io.realign.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What became of one image in one cell.
 *
 * @param index of the image in its dataset
 * @param label its true class
 * @param defense the defense's name, or null for the bare target
 * @param attack the attack's name, or null for the clean image
 * @param threat what the attacker knew, or null for the clean image
 * @param predicted what the target said
 * @param right whether that is the label; of a randomised one, in every draw
 * @param rate the share of the draws in which it is
 * @param change the size of the attack's change in the attack's norm; 0 for the clean image
 */
public record SampleOutcome(
    int index,
    int label,
    @Nullable String defense,
    @Nullable String attack,
    @Nullable Threat threat,
    int predicted,
    boolean right,
    double rate,
    double change) {}

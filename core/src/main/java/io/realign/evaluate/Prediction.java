package io.realign.evaluate;

import io.realign.task.Finding;

/**
 * What a target says of one image.
 *
 * @param finding a class, a mask or boxes
 * @param confidence how sure it is, in [0,1], as {@link io.realign.task.Task#confidence} counts it
 */
public record Prediction(Finding finding, double confidence) {}

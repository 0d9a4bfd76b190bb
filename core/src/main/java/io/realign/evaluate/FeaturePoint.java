package io.realign.evaluate;

/**
 * The target's features of one image, of a pixel of it or of a box.
 *
 * @param features z
 * @param state what was done to the image
 * @param label the true class
 */
@SuppressWarnings("ArrayRecordComponent") // a row of numbers: compared by nobody
public record FeaturePoint(float[] features, ImageState state, int label) {}

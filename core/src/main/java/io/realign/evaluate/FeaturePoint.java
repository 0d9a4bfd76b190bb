package io.realign.evaluate;

/**
 * The target's features of one image.
 *
 * @param features z: the layer before the last
 * @param state what was done to the image
 * @param label its true class
 */
@SuppressWarnings("ArrayRecordComponent") // a row of numbers: compared by nobody
public record FeaturePoint(float[] features, ImageState state, int label) {}

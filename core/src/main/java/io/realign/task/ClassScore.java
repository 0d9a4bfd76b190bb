package io.realign.task;

/**
 * A metric of one class.
 *
 * @param label the class
 * @param value the share of its images that are right, its intersection over union, or its average
 *     precision, in [0,1]
 * @param images that show it
 */
public record ClassScore(int label, double value, long images) {}

package io.realign.task;

import io.realign.data.Annotation;
import java.util.OptionalDouble;

/**
 * Pixels by class, of one image or of many: what the mean intersection over union is made of.
 *
 * @param common pixels of each class that were found to be of it
 * @param predicted pixels that were found to be of each class
 * @param truth pixels that are of each class
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record RegionCounts(long[] common, long[] predicted, long[] truth) implements Judgement {

  /** No pixels yet. */
  public static RegionCounts none(int classes) {
    return new RegionCounts(new long[classes], new long[classes], new long[classes]);
  }

  /**
   * Counts pixels. Where the truth is unknown, 255, none of them count.
   *
   * @param predicted the class of each pixel
   * @param truth likewise, as many
   */
  public static RegionCounts of(byte[] predicted, byte[] truth, int classes) {
    if (predicted.length != truth.length) {
      throw new IllegalArgumentException(
          "%d predicted pixels, %d true ones".formatted(predicted.length, truth.length));
    }
    RegionCounts counts = none(classes);
    for (int i = 0; i < truth.length; i++) {
      if (truth[i] == Annotation.UNKNOWN) {
        continue;
      }
      counts.predicted[predicted[i] & 255]++;
      counts.truth[truth[i] & 255]++;
      if (predicted[i] == truth[i]) {
        counts.common[truth[i] & 255]++;
      }
    }
    return counts;
  }

  /** These pixels and those. */
  public RegionCounts plus(RegionCounts others) {
    RegionCounts sum = none(common.length);
    for (int k = 0; k < common.length; k++) {
      sum.common[k] = common[k] + others.common[k];
      sum.predicted[k] = predicted[k] + others.predicted[k];
      sum.truth[k] = truth[k] + others.truth[k];
    }
    return sum;
  }

  /** Intersection over union of a class; empty where neither truth nor prediction has it. */
  public OptionalDouble overlap(int label) {
    long union = predicted[label] + truth[label] - common[label];
    return union == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) common[label] / union);
  }

  @Override
  public double value() {
    return meanOverlap();
  }

  /** mIoU: the mean over the classes that truth or prediction have, in [0,1]; 0 without pixels. */
  public double meanOverlap() {
    double sum = 0;
    int seen = 0;
    for (int k = 0; k < common.length; k++) {
      OptionalDouble overlap = overlap(k);
      if (overlap.isPresent()) {
        sum += overlap.getAsDouble();
        seen++;
      }
    }
    return seen == 0 ? 0 : sum / seen;
  }
}

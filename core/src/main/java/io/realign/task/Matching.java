package io.realign.task;

import java.util.Arrays;

/**
 * Which object each prior of an image answers for (Liu et al., 2016, arXiv 1512.02325, section
 * 2.2): the one it overlaps most, if by at least .5, and for each object the prior that overlaps it
 * most.
 *
 * @param labels 0 for background, class + 1 for an object, one a prior
 * @param offsets four a prior, 0 for background
 * @param objects priors that answer for an object
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Matching(long[] labels, float[] offsets, int objects) {

  private static final double LEAST_OVERLAP = .5;
  private static final int NOTHING = -1;

  /**
   * Matches an image's objects.
   *
   * @param truth rows of {@link Detection#VALUES} values, edges of the image's side; those with a
   *     negative label are padding
   */
  static Matching of(Priors priors, BoxCoding coding, float[] truth) {
    int count = priors.count();
    int[] object = new int[count];
    double[] most = new double[count];
    Arrays.fill(object, NOTHING);
    int rows = truth.length / Detection.VALUES;
    int[] best = new int[rows];
    for (int row = 0; row < rows; row++) {
      best[row] = NOTHING;
      int at = Detection.VALUES * row;
      if (truth[at] < 0) {
        continue;
      }
      double highest = -1;
      for (int prior = 0; prior < count; prior++) {
        double overlap =
            DetectedBox.overlap(
                priors.left(prior),
                priors.top(prior),
                priors.right(prior),
                priors.bottom(prior),
                truth[at + 1],
                truth[at + 2],
                truth[at + 3],
                truth[at + 4]);
        if (overlap > highest) {
          highest = overlap;
          best[row] = prior;
        }
        if (overlap >= LEAST_OVERLAP && overlap > most[prior]) {
          most[prior] = overlap;
          object[prior] = row;
        }
      }
    }
    for (int row = 0; row < rows; row++) {
      if (best[row] != NOTHING) {
        object[best[row]] = row; // no object goes without
      }
    }
    return written(priors, coding, truth, object);
  }

  private static Matching written(Priors priors, BoxCoding coding, float[] truth, int[] object) {
    long[] labels = new long[object.length];
    float[] offsets = new float[Priors.VALUES * object.length];
    int objects = 0;
    for (int prior = 0; prior < object.length; prior++) {
      if (object[prior] != NOTHING) {
        int at = Detection.VALUES * object[prior];
        labels[prior] = (long) truth[at] + 1;
        coding.encode(
            priors, prior, truth[at + 1], truth[at + 2], truth[at + 3], truth[at + 4], offsets);
        objects++;
      }
    }
    return new Matching(labels, offsets, objects);
  }
}

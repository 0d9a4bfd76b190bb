package io.realign.task;

/**
 * An object that a detector claims to see.
 *
 * @param label its class
 * @param score how sure the detector is, in [0,1]
 * @param left edge, in any unit that the boxes it is compared with share
 * @param top edge
 * @param right edge
 * @param bottom edge
 */
public record DetectedBox(
    int label, float score, float left, float top, float right, float bottom) {

  /** Intersection over union with another box, in [0,1]; 0 where both are empty. */
  double overlap(float otherLeft, float otherTop, float otherRight, float otherBottom) {
    return overlap(left, top, right, bottom, otherLeft, otherTop, otherRight, otherBottom);
  }

  /** Intersection over union of two boxes given by their edges. */
  static double overlap(
      float l1, float t1, float r1, float b1, float l2, float t2, float r2, float b2) {
    double width = Math.min(r1, r2) - Math.max(l1, l2);
    double height = Math.min(b1, b2) - Math.max(t1, t2);
    if (width <= 0 || height <= 0) {
      return 0;
    }
    double common = width * height;
    double union = (double) (r1 - l1) * (b1 - t1) + (double) (r2 - l2) * (b2 - t2) - common;
    return common / union;
  }
}

package io.realign.task;

/**
 * How a detector writes a box as offsets from a prior: centre by the prior's size, size as a
 * logarithm, each by its variance (Liu et al., 2016, arXiv 1512.02325, equation 2).
 *
 * @param centre variance of the centre, .1 as published
 * @param size variance of the size, .2 as published
 */
public record BoxCoding(double centre, double size) {

  private static final double LARGEST = Math.log(1000); // a size beyond that is a lost net's

  /** The published variances. */
  public static BoxCoding standard() {
    return new BoxCoding(.1, .2);
  }

  /** Writes the four offsets of a box, given by its edges of the image's side. */
  void encode(
      Priors priors, int prior, float left, float top, float right, float bottom, float[] to) {
    int at = Priors.VALUES * prior;
    double x = priors.boxes()[at];
    double y = priors.boxes()[at + 1];
    double width = priors.boxes()[at + 2];
    double height = priors.boxes()[at + 3];
    to[at] = (float) (((left + right) / 2.0 - x) / width / centre);
    to[at + 1] = (float) (((top + bottom) / 2.0 - y) / height / centre);
    to[at + 2] = (float) (Math.log((right - left) / width) / size);
    to[at + 3] = (float) (Math.log((bottom - top) / height) / size);
  }

  /**
   * The box of four offsets.
   *
   * @param offsets of an image's priors, one after the other
   */
  DetectedBox decode(Priors priors, int prior, float[] offsets, int label, float score) {
    int at = Priors.VALUES * prior;
    double width = priors.boxes()[at + 2] * exp(size * offsets[at + 2]);
    double height = priors.boxes()[at + 3] * exp(size * offsets[at + 3]);
    double x = priors.boxes()[at] + centre * offsets[at] * priors.boxes()[at + 2];
    double y = priors.boxes()[at + 1] + centre * offsets[at + 1] * priors.boxes()[at + 3];
    return new DetectedBox(
        label,
        score,
        (float) (x - width / 2),
        (float) (y - height / 2),
        (float) (x + width / 2),
        (float) (y + height / 2));
  }

  private static double exp(double logarithm) {
    return Math.exp(Math.min(logarithm, LARGEST));
  }
}

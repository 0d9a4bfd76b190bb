package io.realign.task;

/**
 * How a detector writes a box as offsets from a prior: centre by the prior's size, size as a
 * logarithm, each by its variance (Liu et al., 2016, arXiv 1512.02325, equation 2).
 *
 * @param centre variance of the centre, .1 as published
 * @param size variance of the size, .2 as published
 * @param largest factor between a prior's side and its box's; what claims more gets it
 * @param framed whether boxes end at the image's frame
 */
public record BoxCoding(double centre, double size, double largest, boolean framed) {

  private static final double LARGEST = 1000; // a size beyond that is a lost net's

  /** Other variances, boxes that may reach past the frame. */
  public BoxCoding(double centre, double size) {
    this(centre, size, LARGEST, false);
  }

  /** The published variances. */
  public static BoxCoding standard() {
    return new BoxCoding(.1, .2);
  }

  /** The same with torchvision's limits. */
  public static BoxCoding torchvision() {
    return new BoxCoding(.1, .2, 1000.0 / 16, true);
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
        edge(x - width / 2),
        edge(y - height / 2),
        edge(x + width / 2),
        edge(y + height / 2));
  }

  private float edge(double value) {
    return (float) (framed ? Math.clamp(value, 0.0, 1.0) : value);
  }

  private double exp(double logarithm) {
    return Math.min(Math.exp(logarithm), largest);
  }
}

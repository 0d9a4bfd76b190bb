package io.realign.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * From a detector's scores to the boxes it claims (Liu et al., 2016, arXiv 1512.02325): class by
 * class, a box goes where a higher-scoring one of its class overlaps it.
 *
 * @param confidence scores up to this are no claim, .01 as published
 * @param overlap more intersection over union than this is the same object, .45 as published
 * @param candidates boxes a class that are looked at, 400 as released
 * @param most boxes an image, 200 as published
 */
public record NonMaximumSuppression(double confidence, double overlap, int candidates, int most) {

  private static final Comparator<DetectedBox> HIGHEST =
      Comparator.comparingDouble(DetectedBox::score).reversed();

  /** The published constants. */
  public static NonMaximumSuppression standard() {
    return new NonMaximumSuppression(.01, .45, 400, 200);
  }

  /**
   * The boxes of an image, highest score first.
   *
   * @param scores {@code P·K} without background, prior by prior
   * @param offsets {@code P·4}
   * @param classes K
   */
  public List<DetectedBox> of(
      Priors priors, BoxCoding coding, float[] scores, float[] offsets, int classes) {
    List<DetectedBox> kept = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      List<DetectedBox> claims = new ArrayList<>();
      for (int prior = 0; prior < priors.count(); prior++) {
        float score = scores[prior * classes + label];
        if (score > confidence) {
          claims.add(coding.decode(priors, prior, offsets, label, score));
        }
      }
      claims.sort(HIGHEST);
      kept.addAll(apart(claims.subList(0, Math.min(candidates, claims.size()))));
    }
    kept.sort(HIGHEST);
    return List.copyOf(kept.subList(0, Math.min(most, kept.size())));
  }

  private List<DetectedBox> apart(List<DetectedBox> claims) {
    List<DetectedBox> kept = new ArrayList<>();
    for (DetectedBox claim : claims) {
      boolean seen =
          kept.stream()
              .anyMatch(
                  other ->
                      other.overlap(claim.left(), claim.top(), claim.right(), claim.bottom())
                          > overlap);
      if (!seen) {
        kept.add(claim);
      }
    }
    return kept;
  }
}

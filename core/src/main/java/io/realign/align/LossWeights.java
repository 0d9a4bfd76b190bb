package io.realign.align;

/**
 * λ of each term of the loss of G; all ≥ 0.
 *
 * @param reconstruction of L_r (1)
 * @param perceptual of L_p (2)
 * @param adversarial of L_GANg (3)
 * @param matching of L_m (4)
 * @param task of L_Ftask (5)
 * @param featureReconstruction of L_Frec (6)
 * @param centreAlignment of L_Falign (7)
 * @param interClass of L_Finter (8)
 * @param intraClass of L_Fintra (8)
 * @param margin M, the distance up to which L_Finter pushes class centres apart
 */
public record LossWeights(
    double reconstruction,
    double perceptual,
    double adversarial,
    double matching,
    double task,
    double featureReconstruction,
    double centreAlignment,
    double interClass,
    double intraClass,
    double margin) {

  /** Checks that no weight is negative. */
  public LossWeights {
    double[] all = {
      reconstruction,
      perceptual,
      adversarial,
      matching,
      task,
      featureReconstruction,
      centreAlignment,
      interClass,
      intraClass,
      margin
    };
    for (double weight : all) {
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "a loss weight must be a number of at least 0, not " + weight);
      }
    }
  }

  /** The authors' weights for classification and segmentation. */
  public static LossWeights published() {
    return new LossWeights(50, 10, 1, 10, 2, 4, .1, .005, 1, 5);
  }

  /** The authors' weights for detection: no intra-class term in their release. */
  public static LossWeights publishedForDetection(Variant variant) {
    double intra =
        switch (variant) {
          case PAPER -> 1;
          case RELEASED -> 0;
        };
    return new LossWeights(50, 10, 1, 10, 1, 4, 1, .05, intra, 5);
  }
}

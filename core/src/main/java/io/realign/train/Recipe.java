package io.realign.train;

import io.realign.data.Labelling;

/**
 * How a target is trained unless the user says otherwise.
 *
 * @param epochs passes over the training images
 * @param batch images a step
 * @param learningRate the highest
 * @param weightDecay λ
 * @param labelSmoothing the share of a label that is spread over all classes
 */
public record Recipe(
    double epochs, int batch, double learningRate, double weightDecay, double labelSmoothing) {

  /** The usual one for what a net is asked. */
  public static Recipe of(Labelling labelling) {
    return switch (labelling) {
      case CLASSES -> new Recipe(30, 128, .1, 5e-4, .1);
      case MASKS -> new Recipe(60, 16, .02, 1e-4, 0);
      case BOXES -> new Recipe(100, 32, .01, 5e-4, 0);
    };
  }
}

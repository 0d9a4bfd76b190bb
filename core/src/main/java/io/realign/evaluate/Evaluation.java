package io.realign.evaluate;

import java.util.List;
import java.util.Optional;

/**
 * What an evaluation found.
 *
 * @param results the undefended target's records first, clean before attacked
 * @param samples what became of each image in each cell, in the order of the results
 * @param shown the attack and the threat that made the attacked examples and features; empty
 *     without attacks
 * @param examples up to {@value Showcase#EXAMPLES} images, in the order of the dataset; empty
 *     without attacks
 * @param features of up to {@value Showcase#FEATURES} images in each state; empty without attacks
 */
public record Evaluation(
    List<Result> results,
    List<SampleOutcome> samples,
    Optional<Shown> shown,
    List<Example> examples,
    List<FeaturePoint> features) {

  /** Which images are shown. */
  public record Shown(Result.AttackCell attack, Threat threat) {}

  /** Copies the lists. */
  public Evaluation {
    results = List.copyOf(results);
    samples = List.copyOf(samples);
    examples = List.copyOf(examples);
    features = List.copyOf(features);
  }
}

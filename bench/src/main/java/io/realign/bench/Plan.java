package io.realign.bench;

import java.util.List;

/**
 * How much is measured.
 *
 * @param shapes the convolutions among which the peak is looked for
 * @param slice seconds that each of them runs at a time
 * @param repeats measurements of each thing, one after the other in turns
 * @param wide the wide net's name
 * @param wideBatches batch sizes it is trained and attacked at
 * @param attackSteps steps of PGD on it
 * @param shard images a shard of the defense's step; 0 for the profile's own
 * @param poolSteps steps whose images are attacked at a time; 0 for the profile's own
 * @param steps of the defense's training
 * @param memoryFrom the step after which memory is looked at first
 * @param memoryTo the step after which it is looked at last
 */
record Plan(
    List<ConvShape> shapes,
    double slice,
    int repeats,
    String wide,
    List<Integer> wideBatches,
    int attackSteps,
    int shard,
    int poolSteps,
    int steps,
    int memoryFrom,
    int memoryTo) {

  /** What docs/performance.md reports: about 25 minutes on two cores. */
  static Plan standard() {
    return new Plan(ConvShape.common(), .15, 5, "wrn-28-10", List.of(128), 2, 0, 0, 641, 100, 600);
  }

  /** Whether everything runs, in a minute; the figures mean little. */
  static Plan quick() {
    return new Plan(
        ConvShape.common().subList(0, 2), .02, 2, "wrn-10-2", List.of(4), 2, 4, 1, 13, 2, 12);
  }

  /** The same with another number of measurements. */
  Plan withRepeats(int others) {
    return new Plan(
        shapes,
        slice,
        others,
        wide,
        wideBatches,
        attackSteps,
        shard,
        poolSteps,
        steps,
        memoryFrom,
        memoryTo);
  }
}

package io.realign.bench;

import io.realign.torch.Scope;
import io.realign.train.DefenseTraining;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A step of the published training for masks or boxes: what a user who plans it should expect.
 *
 * @param target the architecture of O, of random weights
 * @param targetSide height and width of its images
 * @param generatorSide to which they are resized for G
 * @param batch images a step
 * @param secondsPerStep one measurement a pair of steps, after as many that are not counted
 * @param multiplyAdds a step
 * @param gigaflops GF/s at the median
 * @param ofPeak that over the conv peak
 * @param peakMegabytes the most memory the process held, in MB of 2²⁰ bytes; −1 where unknown
 */
record PublishedStep(
    String target,
    int targetSide,
    int generatorSide,
    int batch,
    Spread secondsPerStep,
    double multiplyAdds,
    double gigaflops,
    double ofPeak,
    double peakMegabytes) {

  private static final int STEPS = 2;

  /** Trains for some steps, on scenes. */
  static PublishedStep measure(DefenseSetup setup, int generatorSide, int repeats, double peak) {
    Machine.forgetPeak();
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < repeats; i++) {
      seconds.add(DefenseTraining.secondsPerStep(setup.config(), setup.inputs(), STEPS));
      Scope.trim();
    }
    OptionalDouble memory = Machine.peakMegabytes();
    Spread spread = Spread.of(seconds);
    double all = StepCost.of(setup).total() * setup.config().imagesPerStep();
    double speed = 2e-9 * all / spread.median();
    return new PublishedStep(
        setup.config().target(),
        setup.inputs().train().imageSize(),
        generatorSide,
        setup.config().imagesPerStep(),
        spread,
        all,
        speed,
        speed / peak,
        memory.orElse(-1));
  }
}

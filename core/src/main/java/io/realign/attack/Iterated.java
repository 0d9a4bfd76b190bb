package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Seed;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** An attack of many small steps. */
interface Iterated extends Attack {

  double stepSize();

  int steps();

  int restarts();

  /** Times a randomised target is asked at each point. */
  int draws();

  GradientAscent.Start start();

  Objective.Factory objective();

  /** What its steps follow. */
  default Direction.Factory direction() {
    return Direction.Factory.GRADIENT;
  }

  /** Checks what all have in common. */
  static void check(
      Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws) {
    Constants.check(norm, epsilon, steps, restarts, draws);
    Constants.positive("step size", stepSize); // last: its default follows from the others
  }

  private GradientAscent ascent() {
    return new GradientAscent(
        new Ball(norm(), epsilon()),
        stepSize(),
        steps(),
        restarts(),
        draws(),
        start(),
        objective(),
        direction());
  }

  @Override
  default Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    return ascent().run(target, images, labels, seed);
  }

  @Override
  default Tensor fool(Target target, Tensor images, Tensor labels, Seed seed) {
    return EagerAscent.run(ascent(), target, images, labels, seed);
  }

  @Override
  default Map<String, Object> parameters() {
    Map<String, Object> values = Constants.of(norm(), epsilon());
    values.put("step_size", stepSize());
    values.put("steps", steps());
    values.put("restarts", restarts());
    values.put("draws", draws());
    return values;
  }
}

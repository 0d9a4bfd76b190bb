package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Task;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Iterations whose images fool other nets too: the gradient is gathered with momentum (Dong et al.,
 * 2018, arXiv 1710.06081), taken of a resized and padded image (input diversity; Xie et al., 2019,
 * arXiv 1803.06978), and smoothed over neighbouring pixels (translation invariance; Dong et al.,
 * 2019, arXiv 1904.02884). Each kind adds to the one before.
 *
 * @param kind how far to go
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param decay μ, what is left of the gathered gradient after a step
 * @param draws times a randomised target is asked at each point
 */
public record MomentumIterative(
    Kind kind, Norm norm, double epsilon, double stepSize, int steps, double decay, int draws)
    implements Iterated {

  /** Which of the three. */
  public enum Kind {
    /** Momentum. */
    MOMENTUM("mi-fgsm"),
    /** Momentum and input diversity. */
    DIVERSE("di-fgsm"),
    /** Momentum, input diversity and translation invariance. */
    INVARIANT("ti-fgsm");

    private final String label;

    Kind(String label) {
      this.label = label;
    }
  }

  /** Checks the constants. */
  public MomentumIterative {
    Constants.check(norm, epsilon, steps, 1, draws);
    Constants.positive("step size", stepSize);
    if (!(decay >= 0)) {
      throw new IllegalArgumentException("decay must not be negative: " + decay);
    }
  }

  /** The papers': L∞, 10 steps of a tenth of the radius, μ 1; at this project's ε .031. */
  public static MomentumIterative standard(Kind kind) {
    return new MomentumIterative(kind, Norm.LINF, .031, .0031, 10, 1, 1);
  }

  @Override
  public boolean suits(Task task) {
    return true;
  }

  @Override
  public String name() {
    return kind.label;
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("step_size", stepSize);
    values.put("steps", steps);
    values.put("decay", decay);
    values.put("draws", draws);
    return values;
  }

  @Override
  public int restarts() {
    return 1;
  }

  @Override
  public GradientAscent.Start start() {
    return GradientAscent.Start.CLEAN;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) -> new LossObjective(task, labels);
  }

  @Override
  public Direction.Factory direction() {
    Direction.Factory momentum = Direction.Momentum.factory(decay);
    return kind == Kind.INVARIANT
        ? images ->
            new Direction.Blurred(GradientBlur.standard(images.size(3)), momentum.of(images))
        : momentum;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    return Iterated.super.perturb(seen(target, images), images, labels, seed);
  }

  @Override
  public Tensor fool(Target target, Tensor images, Tensor labels, Seed seed) {
    return Iterated.super.fool(seen(target, images), images, labels, seed);
  }

  private Target seen(Target target, Tensor images) {
    return kind == Kind.MOMENTUM ? target : new Diverse(target, Diverse.standard(images.size(3)));
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
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
    implements Attack {

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
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Target seen =
        kind == Kind.MOMENTUM ? target : new Diverse(target, Diverse.standard(images.size(3)));
    Oracle oracle = new Oracle(seen, draws, seed.child("target"));
    Objective objective = new CrossEntropyObjective(labels);
    Ball ball = new Ball(norm, epsilon);
    try (Scope scope = Scope.open()) {
      Tensor x = images.detach().clone(); // written in place
      Tensor gathered = x.clone().zero_();
      for (int step = 0; step < steps; step++) {
        try (Scope each = Scope.open()) {
          Tensor gradient = oracle.at(x, objective, step).gradient();
          if (kind == Kind.INVARIANT) {
            gradient = GradientBlur.standard(images.size(3)).apply(gradient);
          }
          Tensor mean = gradient.abs().mean(new long[] {1, 2, 3}).view(-1, 1, 1, 1);
          gathered.copy_(Ops.scale(gathered, decay).add(gradient.div(Ops.shift(mean, 1e-12))));
          x.copy_(ball.project(x.add(ball.step(gathered, stepSize)), images));
        }
      }
      return scope.keep(x);
    }
  }
}

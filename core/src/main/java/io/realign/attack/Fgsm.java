package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Task;
import io.realign.torch.Seed;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The fast gradient sign method: one step of length ε on cross-entropy from the clean image
 * (Goodfellow et al., 2015, arXiv 1412.6572); in L2, one step along the normalised gradient.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball and length of the step, in units of the [0,1] range
 * @param draws times a randomised target is asked (EOT)
 */
public record Fgsm(Norm norm, double epsilon, int draws) implements Attack {

  /** Checks the constants. */
  public Fgsm {
    Constants.check(norm, epsilon, 1, 1, draws);
  }

  /** Asks once. */
  public Fgsm(Norm norm, double epsilon) {
    this(norm, epsilon, 1);
  }

  /** L∞, ε .031. */
  public static Fgsm standard() {
    return new Fgsm(Norm.LINF, .031);
  }

  @Override
  public boolean suits(Task task) {
    return true;
  }

  @Override
  public String name() {
    return "fgsm";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = Constants.of(norm, epsilon);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    return new GradientAscent(
            new Ball(norm, epsilon),
            epsilon,
            1,
            1,
            draws,
            GradientAscent.Start.CLEAN,
            (task, clean, truth) -> new LossObjective(task, truth),
            Direction.Factory.GRADIENT)
        .run(target, images, labels, seed);
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Classification;
import io.realign.task.Task;
import io.realign.torch.Seed;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Looks for images near the given ones that the target gets wrong.
 *
 * <p>Results lie within {@link #epsilon} of the clean image in {@link #norm} and within [0,1].
 * Attacks see gradients by the image alone and leave the target as it is.
 */
public interface Attack {

  /** The name on the command line: {@code pgd}. */
  String name();

  /** The norm of the ball. */
  Norm norm();

  /** The radius of the ball, in units of the [0,1] range. */
  double epsilon();

  /** Whether it attacks nets of this task. */
  default boolean suits(Task task) {
    return task instanceof Classification;
  }

  /** Every constant by name, for reports. */
  Map<String, Object> parameters();

  /**
   * Attacks a batch.
   *
   * @param target what is attacked
   * @param images {@code [N,3,H,W]} fp32 in [0,1]
   * @param labels of the target's task: {@code [N]} true classes for classification
   * @param seed the random draws of this batch
   * @return the attacked images, without a graph
   */
  Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed);

  /**
   * Attacks a batch about which {@code target} itself will be asked, so that an image may keep the
   * first point that fools it: at least as strong there as {@link #perturb}, and sooner done.
   * Images that another net is to see need the whole of {@code perturb}.
   *
   * @return the attacked images, without a graph
   */
  default Tensor fool(Target target, Tensor images, Tensor labels, Seed seed) {
    return perturb(target, images, labels, seed);
  }
}

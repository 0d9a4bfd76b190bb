package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.Ball;
import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/** Attacked images as a file of 8 bits a channel can hold them. */
public final class EightBit {

  /** A change this little short of a whole level, in levels, is fp32's rounding of that level. */
  private static final double SLACK = 5e-5;

  private EightBit() {}

  /**
   * Attacks images for whoever keeps them in 8 bits.
   *
   * @param clean {@code [N,3,H,W]} on the grid k/255
   * @param labels of the target's task
   * @return the attacked images, on the grid and in the attack's ball
   * @throws IllegalStateException if the attack left its ball
   */
  public static Tensor attacked(
      Attack attack, Target target, Tensor clean, Tensor labels, Seed seed) {
    Tensor attacked = towards(attack.perturb(target, clean, labels, seed), clean);
    new Ball(attack.norm(), attack.epsilon()).verify(attack.name(), attacked, clean);
    return attacked;
  }

  /**
   * The attacked images with each change cut to whole levels, towards the clean image, so that no
   * norm of the change grows: {@code x_c + trunc(255·(x_a − x_c))/255}.
   *
   * @param attacked {@code [N,3,H,W]} in [0,1]
   * @param clean likewise, on the grid k/255
   */
  public static Tensor towards(Tensor attacked, Tensor clean) {
    try (Scope scope = Scope.open()) {
      Tensor change = Ops.scale(attacked.sub(clean), 255);
      Tensor levels = change.add(Ops.scale(change.sign(), SLACK)).trunc();
      Tensor grid = Ops.scale(clean, 255).round().add(levels);
      return scope.keep(grid.div(new org.bytedeco.pytorch.Scalar(255.0)));
    }
  }
}

package io.realign.attack;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * Where the results of an attack on a batch must lie: the ball around each image, and [0,1]. In L∞
 * that is a box, whose corners are worked out once.
 */
sealed interface Region {

  /** The region of these images. The tensors belong to the caller's scope. */
  static Region of(Ball ball, Tensor images) {
    return switch (ball.norm()) {
      case LINF ->
          new Box(
              Ops.shift(images, -ball.epsilon()).clamp_min(new org.bytedeco.pytorch.Scalar(0.0)),
              Ops.shift(images, ball.epsilon()).clamp_max(new org.bytedeco.pytorch.Scalar(1.0)));
      case L2 -> new Sphere(ball, images);
    };
  }

  /** Moves {@code x} into the region, in place. */
  Tensor hold(Tensor x);

  /** The region of some of the images. */
  Region rows(Tensor index);

  /**
   * A box.
   *
   * @param low its lower corner {@code [N,3,H,W]}
   * @param high its upper corner
   */
  record Box(Tensor low, Tensor high) implements Region {
    @Override
    public Tensor hold(Tensor x) {
      return x.clamp_(new TensorOptional(low), new TensorOptional(high));
    }

    @Override
    public Region rows(Tensor index) {
      return new Box(low.index_select(0, index), high.index_select(0, index));
    }
  }

  /** A ball in L2, cut by [0,1]. */
  record Sphere(Ball ball, Tensor images) implements Region {
    @Override
    public Tensor hold(Tensor x) {
      return x.copy_(ball.project(x, images));
    }

    @Override
    public Region rows(Tensor index) {
      return new Sphere(ball, images.index_select(0, index));
    }
  }
}

package io.realign.attack;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What the steps of an attack follow, worked out of the gradients so far. */
sealed interface Direction {

  /** The direction of one run, from its first images {@code [N,3,H,W]}. */
  @FunctionalInterface
  interface Factory {

    /** The gradient as it is. */
    Factory GRADIENT = images -> new Plain();

    /** Its tensors belong to the caller's scope. */
    Direction of(Tensor images);
  }

  /** Where to go after this gradient {@code [N,3,H,W]}, which may be written over. */
  Tensor of(Tensor gradient);

  /** That of some of the images. */
  Direction rows(Tensor index);

  /** The gradient itself. */
  record Plain() implements Direction {
    @Override
    public Tensor of(Tensor gradient) {
      return gradient;
    }

    @Override
    public Direction rows(Tensor index) {
      return this;
    }
  }

  /**
   * Momentum: g ← μ·g + ∇ / mean|∇| (Dong et al., 2018, arXiv 1710.06081, equation 6).
   *
   * @param decay μ
   * @param gathered g {@code [N,3,H,W]}, written in place
   */
  record Momentum(double decay, Tensor gathered) implements Direction {

    static Factory factory(double decay) {
      return images -> new Momentum(decay, images.detach().clone().zero_());
    }

    @Override
    public Tensor of(Tensor gradient) {
      Tensor mean = gradient.abs().mean(new long[] {1, 2, 3}).view(-1, 1, 1, 1);
      return gathered
          .mul_(new Scalar(decay))
          .add_(gradient.div_(mean.clamp_min_(new Scalar(1e-12))));
    }

    @Override
    public Direction rows(Tensor index) {
      return new Momentum(decay, gathered.index_select(0, index));
    }
  }

  /**
   * Each gradient blurred before another direction is made of it.
   *
   * @param blur the kernel
   * @param next what follows the blurred gradient
   */
  record Blurred(GradientBlur blur, Direction next) implements Direction {
    @Override
    public Tensor of(Tensor gradient) {
      return next.of(blur.apply(gradient));
    }

    @Override
    public Direction rows(Tensor index) {
      return new Blurred(blur, next.rows(index));
    }
  }
}

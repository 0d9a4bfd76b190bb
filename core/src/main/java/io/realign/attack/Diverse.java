package io.realign.attack;

import io.realign.target.ForwardingTarget;
import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/**
 * A target behind random resizing and padding (Xie et al., 2019, arXiv 1803.06978): with
 * probability {@code share} an image is shrunk to a side between {@code smallest} and its own, and
 * put at a random place on black.
 *
 * @param target what sees the changed images
 * @param diversity the constants
 */
record Diverse(Target target, Diversity diversity) implements ForwardingTarget {

  /**
   * The constants.
   *
   * @param share probability of a change, in [0,1]
   * @param smallest side of the resized image, in pixels
   */
  record Diversity(double share, int smallest) {}

  /** Half of the images, down to nine tenths of the side. */
  static Diversity standard(long side) {
    return new Diversity(.5, (int) Math.max(1, Math.round(.9 * side)));
  }

  @Override
  public String name() {
    return target.name() + " behind random resizing";
  }

  @Override
  public boolean randomised() {
    return true;
  }

  @Override
  public Target drawn(Seed draws) {
    return new Drawn(target.drawn(draws.child("target")), diversity, draws.child("diversity"));
  }

  @Override
  public Outputs forward(Tensor images) {
    return target.forward(images);
  }

  /** With the choices made; all images of a batch share them. */
  private record Drawn(Target target, Diversity diversity, Seed draws) implements ForwardingTarget {

    @Override
    public Outputs forward(Tensor images) {
      SplittableRandom random = draws.random();
      if (random.nextDouble() >= diversity.share) {
        return target.forward(images);
      }
      int side = (int) images.size(3);
      int shrunk = random.nextInt(diversity.smallest, side + 1);
      int top = random.nextInt(side - shrunk + 1);
      int left = random.nextInt(side - shrunk + 1);
      Tensor small = Ops.resize(images, shrunk, shrunk);
      Tensor padded =
          org.bytedeco.pytorch.global.torch.constant_pad_nd(
              small, left, side - shrunk - left, top, side - shrunk - top);
      return target.forward(padded);
    }
  }
}

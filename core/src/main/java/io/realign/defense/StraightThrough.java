package io.realign.defense;

import io.realign.torch.Seed;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A purifier without a useful gradient, with one for attackers: backward pass differentiable
 * approximation, BPDA (Athalye et al., 2018, arXiv 1802.00420). Forward it is the purifier itself;
 * backward it is {@code stand-in}, the identity if nothing better is known.
 *
 * @param purifier what repairs the images
 * @param standIn what is differentiated in its place
 */
public record StraightThrough(Purifier purifier, UnaryOperator<Tensor> standIn)
    implements Purifier {

  /** With the identity backward. */
  public static StraightThrough of(Purifier purifier) {
    return new StraightThrough(purifier, images -> images);
  }

  @Override
  public String name() {
    return purifier.name();
  }

  @Override
  public boolean randomised() {
    return purifier.randomised();
  }

  @Override
  public Purifier drawn(Seed draws) {
    return purifier.randomised() ? new StraightThrough(purifier.drawn(draws), standIn) : this;
  }

  @Override
  public Tensor purify(Tensor images) {
    Tensor smooth = standIn.apply(images);
    return smooth.add(purifier.purify(images).sub(smooth).detach());
  }
}

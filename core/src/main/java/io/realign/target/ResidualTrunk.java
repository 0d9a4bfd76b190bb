package io.realign.target;

import io.realign.nn.Conv2d;
import java.util.List;

/**
 * The convolutions of a frozen net with the body of a {@link CifarResNet}, batch norm folded in:
 * what a generator's encoder may start from.
 *
 * @param normalisation of the images before the first convolution
 * @param blocksPerStage n; the net has three stages of n blocks
 * @param convolutions the stem, then two a block
 */
public record ResidualTrunk(
    Normalisation normalisation, int blocksPerStage, List<Conv2d> convolutions) implements Trunk {

  /** Channels of the first stage. */
  public int width() {
    return Math.toIntExact(convolutions.getFirst().weight().size(0));
  }
}

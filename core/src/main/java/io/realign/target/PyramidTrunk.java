package io.realign.target;

import io.realign.nn.Params;
import io.realign.nn.StateDict;

/**
 * The body of a frozen net of which a generator's encoder can be a copy.
 *
 * @param kind its layers
 * @param normalisation of the images before the first of them
 * @param weights of the whole net; those of the body have the names that it declares
 */
public record PyramidTrunk(Kind kind, Normalisation normalisation, StateDict weights)
    implements Trunk {

  /** The bodies there are. */
  public enum Kind {
    /** That of {@link DeepLabMobileNet}. */
    DEEPLAB_MOBILENET,
    /** That of {@link SsdMobileNet}, as far as its first map. */
    SSD_MOBILENET;

    /** A body of this kind. */
    public Pyramid declare(Params p) {
      return switch (this) {
        case DEEPLAB_MOBILENET -> new DeepLabMobileNet.Body(p);
        case SSD_MOBILENET -> new SsdMobileNet.Body(p);
      };
    }
  }
}

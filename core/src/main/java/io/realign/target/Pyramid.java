package io.realign.target;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Layers that see an image at ever coarser resolutions. */
public interface Pyramid {

  /**
   * Maps of a half, a quarter and an eighth of the image's height and width, rounded up, and
   * perhaps of a sixteenth.
   *
   * @param x {@code [N,3,H,W]}, normalised as the net wants it
   */
  List<Tensor> maps(Tensor x);

  /** Channels of each map. */
  List<Integer> channels();
}

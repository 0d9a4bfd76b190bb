package io.realign.align;

import io.realign.nn.ConvTranspose2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The way up of a U-Net of three resolutions, with 4f, 2f and f channels: each rung doubles the
 * sides, adds the encoder's map of that size and goes through {@link PlainBlocks}.
 */
final class Ladder {

  /** Resolutions, the one that it starts at among them. */
  static final int RESOLUTIONS = 3;

  private final List<ConvTranspose2d> up = new ArrayList<>(); // finest first, as maps are
  private final List<Layer> decoder = new ArrayList<>();

  /**
   * Declares {@code up.0}, {@code decoder.0} of the finest resolution, and so on.
   *
   * @param filters f
   * @param blocks a resolution
   */
  Ladder(Params p, int filters, int blocks) {
    for (int i = 0; i < RESOLUTIONS - 1; i++) {
      int out = filters << i;
      Init init = Init.normal(Math.sqrt(1.0 / (2 * out)));
      up.add(ConvTranspose2d.of(p.sub("up").sub(i), 2 * out, out, 2, 2, 0, 0, init));
      decoder.add(PlainBlocks.of(p.sub("decoder").sub(i), out, blocks));
    }
  }

  /**
   * From the coarsest map to the finest.
   *
   * @param coarsest {@code [N,4f,H/4,W/4]}
   * @param skips {@code [N,f,H,W]} and {@code [N,2f,H/2,W/2]}; sides are halved upwards
   * @return {@code [N,f,H,W]}
   */
  Tensor climb(Tensor coarsest, List<Tensor> skips) {
    Tensor h = coarsest;
    for (int i = up.size() - 1; i >= 0; i--) {
      Tensor wide = Shapes.cutLike(up.get(i).forward(h), skips.get(i)); // odd sides: one too many
      h = decoder.get(i).forward(Ops.addInPlace(wide, skips.get(i)));
    }
    return h;
  }
}

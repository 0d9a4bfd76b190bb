package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The pyramid of PSPNet (Zhao et al., 2017, arXiv 1612.01105, figure 3): the means of 1, 4, 9 and
 * 36 parts of a map, narrowed, enlarged and put beside it: {@code [N,C,h,w] → [N,C+4·out,h,w]}.
 */
final class PyramidPooling implements Layer {

  private static final int[] BINS = {1, 2, 3, 6};

  private final List<ConvBn> narrow = new ArrayList<>();

  PyramidPooling(Params p, int in, int out) {
    for (int i = 0; i < BINS.length; i++) {
      narrow.add(ConvBn.of(p.sub(i), "1", "2", in, out, 1, 1));
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    List<Tensor> parts = new ArrayList<>(List.of(x));
    for (int i = 0; i < BINS.length; i++) {
      Tensor means = Ops.adaptiveAvgPool2d(x, BINS[i]);
      parts.add(Ops.resizeAlignedLike(Ops.reluInPlace(narrow.get(i).forward(means)), x));
    }
    return Shapes.concatenate(parts, 1);
  }
}

package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Dropout;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The pyramid of DeepLabv3 (Chen et al., 2017, arXiv 1706.05587, figure 5): a 1×1 convolution,
 * dilated 3×3 ones and the mean of the map, side by side, and narrowed. Tensors are named as in
 * torchvision.
 */
final class AtrousPyramid implements Layer {

  private final List<ConvBn> views = new ArrayList<>();
  private final ConvBn pooled;
  private final ConvBn project;
  private final Dropout dropout;

  /**
   * Declares the layers.
   *
   * @param rates dilations of the 3×3 convolutions
   * @param dropped share of the values that training drops from what is narrowed
   */
  AtrousPyramid(Params p, int in, int out, List<Integer> rates, double dropped) {
    Params convs = p.sub("convs");
    views.add(ConvBn.of(convs.sub(0), "0", "1", in, out, 1, 1));
    for (int rate : rates) {
      views.add(ConvBn.of(convs.sub(views.size()), "0", "1", in, out, 3, 1, rate));
    }
    pooled = ConvBn.of(convs.sub(views.size()), "1", "2", in, out, 1, 1);
    project = ConvBn.of(p.sub("project"), "0", "1", (views.size() + 1) * out, out, 1, 1);
    dropout = new Dropout(p.sub("project").sub(3), dropped);
  }

  @Override
  public Tensor forward(Tensor x) {
    List<Tensor> parts = new ArrayList<>();
    for (ConvBn view : views) {
      parts.add(Ops.reluInPlace(view.forward(x)));
    }
    Tensor mean = Ops.adaptiveAvgPool2d(x, 1);
    parts.add(Shapes.spreadLike(Ops.reluInPlace(pooled.forward(mean)), x));
    return dropout.forward(Ops.reluInPlace(project.forward(Shapes.concatenate(parts, 1))));
  }
}

package io.realign.target;

import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A block of MobileNetV2 (Sandler et al., 2018, arXiv 1801.04381, figure 3) with batch norm folded:
 * widen, filter each channel by itself, narrow again.
 */
final class InvertedResidual implements Layer {

  private final List<SameConv> widening;
  private final SameConv depthwise;
  private final SameConv project;
  private final boolean residual;

  InvertedResidual(Params p, int in, int expansion, int out, int stride, int dilation) {
    int wide = in * expansion;
    widening = expansion == 1 ? List.of() : List.of(SameConv.of(p.sub("expand"), in, wide, 1, 1));
    depthwise = SameConv.of(p.sub("depthwise"), wide, wide, 3, stride, dilation, wide);
    project = SameConv.of(p.sub("project"), wide, out, 1, 1);
    residual = stride == 1 && in == out;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (SameConv expand : widening) {
      y = Ops.relu6InPlace(expand.forward(y));
    }
    y = project.forward(Ops.relu6InPlace(depthwise.forward(y)));
    return residual ? Ops.addInPlace(y, x) : y;
  }
}

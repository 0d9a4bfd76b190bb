package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.ConvBn;
import io.realign.nn.Dropout;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * DeepLabv3 (Chen et al., 2017, arXiv 1706.05587) on a dilated ResNet-50, with an auxiliary head on
 * the third stage and dropout of a tenth before each last layer. Tensors are named as in
 * torchvision.
 */
public final class DeepLabV3 implements Net {

  /** The paper's dilations; torchvision's are twice as large. */
  public static final List<Integer> RATES = List.of(6, 12, 18);

  private final DilatedResNet50 backbone;
  private final Head head;
  private final AuxiliaryHead auxiliary;

  /** Declares the net. */
  public DeepLabV3(Params p, int classes) {
    backbone = new DilatedResNet50(p.sub("backbone"));
    head =
        new Head(
            p.sub("classifier"),
            DilatedResNet50.LAST,
            Head.CHANNELS,
            classes,
            RATES,
            AuxiliaryHead.DROPPED);
    auxiliary = new AuxiliaryHead(p.sub("aux_classifier"), DilatedResNet50.THIRD, classes);
  }

  @Override
  public Task task() {
    return new Segmentation();
  }

  @Override
  public Outputs forward(Tensor x) {
    DilatedResNet50.Maps maps = backbone.forward(x);
    Tensor features = head.features(maps.last()); // [N,256,H/8,W/8]
    Tensor logits = Ops.resizeLike(head.logits(features), x); // [N,K,H,W]
    return new Outputs(logits, features, Optional.empty(), auxiliary.forward(maps.third(), x));
  }

  /** The pyramid and what follows it. */
  static final class Head {

    static final int CHANNELS = 256;

    private final AtrousPyramid pyramid;
    private final ConvBn narrow;
    private final Dropout dropout;
    private final Conv2d last;

    Head(Params p, int in, int channels, int classes, List<Integer> rates, double dropped) {
      pyramid = new AtrousPyramid(p.sub(0), in, channels, rates);
      narrow = ConvBn.of(p, "1", "2", channels, channels, 3, 1);
      dropout = new Dropout(p.sub(3), dropped);
      last = Conv2d.of(p.sub(4), channels, classes, 1, 1, 0, Init.torchDefault());
    }

    Tensor features(Tensor map) {
      return Ops.reluInPlace(narrow.forward(pyramid.forward(map)));
    }

    Tensor logits(Tensor features) {
      return last.forward(dropout.forward(features));
    }
  }
}

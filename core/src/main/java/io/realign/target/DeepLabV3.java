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
 * the third stage. Tensors are named as in torchvision.
 */
public final class DeepLabV3 implements Net {

  /** Two nets whose tensors have the same names and shapes. */
  public enum Kind {
    /**
     * The paper's: the pyramid is dilated by 6, 12 and 18, each dilated stage from its first block
     * on; a tenth is dropped before each last layer.
     */
    PAPER(List.of(6, 12, 18), DilatedResNet50.FirstBlock.OWN, 0, AuxiliaryHead.DROPPED),
    /**
     * torchvision's: 12, 24 and 36; the first block of a dilated stage is dilated like the stage
     * before; half is dropped behind the pyramid.
     */
    TORCHVISION(List.of(12, 24, 36), DilatedResNet50.FirstBlock.PREVIOUS, .5, 0);

    final List<Integer> rates;
    final DilatedResNet50.FirstBlock first;
    final double droppedBehindPyramid;
    final double droppedLast;

    Kind(
        List<Integer> rates,
        DilatedResNet50.FirstBlock first,
        double droppedBehindPyramid,
        double droppedLast) {
      this.rates = rates;
      this.first = first;
      this.droppedBehindPyramid = droppedBehindPyramid;
      this.droppedLast = droppedLast;
    }
  }

  private final DilatedResNet50 backbone;
  private final Head head;
  private final AuxiliaryHead auxiliary;

  /** Declares the net. */
  public DeepLabV3(Params p, int classes, Kind kind) {
    Params classifier = p.sub("classifier");
    int in = DilatedResNet50.LAST;
    backbone = new DilatedResNet50(p.sub("backbone"), kind.first);
    head =
        new Head(
            new AtrousPyramid(
                classifier.sub(0), in, Head.CHANNELS, kind.rates, kind.droppedBehindPyramid),
            classifier,
            Head.CHANNELS,
            classes,
            kind.droppedLast);
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

    /**
     * Declares what follows the pyramid.
     *
     * @param p where the pyramid is number 0
     * @param dropped share of the values that training drops before the last layer
     */
    Head(AtrousPyramid pyramid, Params p, int channels, int classes, double dropped) {
      this.pyramid = pyramid;
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

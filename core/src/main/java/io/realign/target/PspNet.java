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
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * PSPNet (Zhao et al., 2017, arXiv 1612.01105) on a dilated ResNet-50: pyramid bins 1, 2, 3 and 6,
 * a head of 512 channels, an auxiliary head on the third stage, dropout of a tenth before each last
 * layer.
 */
public final class PspNet implements Net {

  private static final int HEAD = 512;

  private final DilatedResNet50 backbone;
  private final PyramidPooling pyramid;
  private final ConvBn narrow;
  private final Dropout dropout;
  private final Conv2d last;
  private final AuxiliaryHead auxiliary;

  /** Declares the net. */
  public PspNet(Params p, int classes) {
    backbone = new DilatedResNet50(p.sub("backbone"), DilatedResNet50.FirstBlock.OWN);
    pyramid = new PyramidPooling(p.sub("ppm"), DilatedResNet50.LAST, HEAD);
    narrow = ConvBn.of(p.sub("classifier"), "0", "1", DilatedResNet50.LAST + 4 * HEAD, HEAD, 3, 1);
    dropout = new Dropout(p.sub("classifier").sub(3), AuxiliaryHead.DROPPED);
    last = Conv2d.of(p.sub("classifier").sub(4), HEAD, classes, 1, 1, 0, Init.torchDefault());
    auxiliary = new AuxiliaryHead(p.sub("aux_classifier"), DilatedResNet50.THIRD, classes);
  }

  @Override
  public Task task() {
    return new Segmentation();
  }

  @Override
  public Outputs forward(Tensor x) {
    DilatedResNet50.Maps maps = backbone.forward(x);
    Tensor features = // [N,512,H/8,W/8]
        Ops.reluInPlace(narrow.forward(pyramid.forward(maps.last())));
    Tensor logits = Ops.resizeAlignedLike(last.forward(dropout.forward(features)), x); // [N,K,H,W]
    return new Outputs(logits, features, Optional.empty(), auxiliary.forward(maps.third(), x));
  }
}

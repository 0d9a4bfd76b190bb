package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.ConvBn;
import io.realign.nn.Dropout;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** The head on an earlier map that helps a segmentation net to learn; named as in torchvision. */
final class AuxiliaryHead {

  /** The share of values that the paper drops before a last layer. */
  static final double DROPPED = .1;

  private final Params params;
  private final ConvBn narrow;
  private final Dropout dropout;
  private final Conv2d last;

  AuxiliaryHead(Params p, int in, int classes) {
    params = p;
    narrow = ConvBn.of(p, "0", "1", in, in / 4, 3, 1);
    dropout = new Dropout(p.sub(3), DROPPED);
    last = Conv2d.of(p.sub(4), in / 4, classes, 1, 1, 0, Init.torchDefault());
  }

  /** Logits of the images' height and width while the net is trained, else nothing. */
  Optional<Tensor> forward(Tensor map, Tensor images) {
    if (!params.training()) {
      return Optional.empty();
    }
    Tensor features = dropout.forward(Ops.reluInPlace(narrow.forward(map)));
    return Optional.of(Ops.resizeLike(last.forward(features), images));
  }
}

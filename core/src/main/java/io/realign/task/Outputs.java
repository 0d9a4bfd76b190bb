package io.realign.task;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a net says about a batch of images.
 *
 * @param logits the scores before any softmax: {@code [N,K]} for classification, {@code [N,K,H,W]}
 *     of the images' size for segmentation, {@code [N,P,K]} for the P priors of a detector
 * @param features the layer that distributions are aligned in: {@code [N,D]}, the one before the
 *     last, for classification, a map {@code [N,D,h,w]} for the others
 * @param offsets the corrections of a detector's priors {@code [N,P,4]}; empty for the others
 * @param auxiliary the logits of a second head, which a net has while it is trained
 */
public record Outputs(
    Tensor logits, Tensor features, Optional<Tensor> offsets, Optional<Tensor> auxiliary) {

  /** Without a second head. */
  public Outputs(Tensor logits, Tensor features, Optional<Tensor> offsets) {
    this(logits, features, offsets, Optional.empty());
  }

  /** Without boxes and a second head. */
  public Outputs(Tensor logits, Tensor features) {
    this(logits, features, Optional.empty(), Optional.empty());
  }

  /** The same in fp32, whatever the net computed in. */
  public Outputs inFloat() {
    return new Outputs(
        logits.to(torch.ScalarType.Float),
        features.to(torch.ScalarType.Float),
        offsets.map(each -> each.to(torch.ScalarType.Float)),
        auxiliary.map(each -> each.to(torch.ScalarType.Float)));
  }

  /** Those of {@code count} images from image {@code from} on. */
  public Outputs narrow(long from, long count) {
    return new Outputs(
        logits.narrow(0, from, count),
        features.narrow(0, from, count),
        offsets.map(each -> each.narrow(0, from, count)),
        auxiliary.map(each -> each.narrow(0, from, count)));
  }
}

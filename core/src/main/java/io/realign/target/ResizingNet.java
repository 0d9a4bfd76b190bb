package io.realign.target;

import io.realign.data.Labelling;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A net that sees its images at another size than theirs: they are resized, bilinearly, before its
 * first layer, and what it says of each pixel is resized back. Boxes are in shares of the image's
 * sides and stay as they are.
 *
 * @param net the net
 * @param side height and width that it sees
 */
record ResizingNet(Net net, int side) implements Net {

  @Override
  public Task task() {
    return net.task();
  }

  @Override
  public Outputs forward(Tensor x) {
    Outputs seen = net.forward(Ops.resize(x, side, side));
    return task().labelling() == Labelling.MASKS
        ? new Outputs(
            Ops.resizeLike(seen.logits(), x), // [N,K,H,W]
            seen.features(),
            seen.offsets(),
            seen.auxiliary().map(logits -> Ops.resizeLike(logits, x)))
        : seen;
  }

  @Override
  public Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return net.trunk(normalisation, weights);
  }
}

package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Params;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * ResNet-50 (He et al., 2016) with stride 8: the last two stages keep the size and dilate their 3×3
 * convolutions by 2 and 4 instead. Tensors are named as in torchvision.
 */
final class DilatedResNet50 {

  /** The dilation of the first block of a stage that keeps the size; no shape shows it. */
  enum FirstBlock {
    /** As in the rest of the stage: 2 and 4. */
    OWN,
    /** As in the stage before: 1 and 2. */
    PREVIOUS
  }

  /** Channels of the last two stages. */
  static final int THIRD = 1024;

  static final int LAST = 2048;

  private static final int[] BLOCKS = {3, 4, 6, 3};
  private static final int[] STRIDES = {1, 2, 1, 1};
  private static final int[] DILATIONS = {1, 1, 2, 4};

  private final ConvBn stem;
  private final List<List<Bottleneck>> stages = new ArrayList<>();

  DilatedResNet50(Params p, FirstBlock first) {
    stem = ConvBn.of(p, "conv1", "bn1", 3, 64, 7, 2);
    int in = 64;
    for (int stage = 0; stage < BLOCKS.length; stage++) {
      List<Bottleneck> blocks = new ArrayList<>();
      for (int i = 0; i < BLOCKS[stage]; i++) {
        Params block = p.sub("layer" + (stage + 1)).sub(i);
        int channels = 64 << stage;
        int stride = i == 0 ? STRIDES[stage] : 1;
        int like = i == 0 && first == FirstBlock.PREVIOUS ? Math.max(0, stage - 1) : stage;
        blocks.add(new Bottleneck(block, in, channels, stride, DILATIONS[like]));
        in = channels * Bottleneck.EXPANSION;
      }
      stages.add(blocks);
    }
  }

  /**
   * The last two maps.
   *
   * @param third {@code [N,1024,H/8,W/8]}
   * @param last {@code [N,2048,H/8,W/8]}
   */
  record Maps(Tensor third, Tensor last) {}

  Maps forward(Tensor x) {
    Tensor y = Ops.maxPool2d(Ops.reluInPlace(stem.forward(x)), 3, 2, 1, false); // [N,64,H/4,W/4]
    Tensor third = y;
    for (int stage = 0; stage < stages.size(); stage++) {
      third = y;
      for (Bottleneck block : stages.get(stage)) {
        y = block.forward(y);
      }
    }
    return new Maps(third, y);
  }
}

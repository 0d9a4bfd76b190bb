package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * MobileNetV2 1.0 of Sandler et al. 2018 as TensorFlow publishes it: batch norm already folded,
 * SAME padding (the odd row and column at bottom and right), ReLU6, class 0 for background.
 *
 * <p>Tensors are named {@code expanded_conv_2.depthwise.weight}; {@link #fromTensorFlow} makes
 * these names from TensorFlow's.
 */
public final class MobileNetV2 implements Net {

  /** One line a stage: expansion, output channels, blocks, stride of the first. */
  private static final int[][] STAGES = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1},
  };

  private static final int FEATURES = 1280;
  private static final String TENSORFLOW = "MobileNetV2/";

  private final SameConv stem;
  private final List<InvertedResidual> blocks = new ArrayList<>();
  private final SameConv head;
  private final Conv2d last;

  /** Declares the net. */
  public MobileNetV2(Params p, int classes) {
    stem = SameConv.of(p.sub("Conv2d_0_0"), 3, 32, 3, 2);
    int in = 32;
    for (int[] stage : STAGES) {
      for (int i = 0; i < stage[2]; i++) {
        Params block = p.sub("expanded_conv_" + (blocks.size() + 1));
        int stride = i == 0 ? stage[3] : 1;
        blocks.add(new InvertedResidual(block, in, stage[0], stage[1], stride, 1));
        in = stage[1];
      }
    }
    head = SameConv.of(p.sub("Conv2d_18_1"), in, FEATURES, 1, 1);
    last = Conv2d.of(p.sub("top"), FEATURES, classes, 1, 1, 0, Init.torchDefault());
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = Ops.relu6InPlace(stem.forward(x)); // [N,32,H/2,W/2]
    for (InvertedResidual block : blocks) {
      y = block.forward(y);
    }
    y = Ops.relu6InPlace(head.forward(y)); // [N,1280,H/32,W/32]
    Tensor features = Ops.globalAvgPool(y); // [N,1280]
    Tensor logits = last.forward(Shapes.asMap(features)); // [N,K,1,1]
    return new Outputs(Shapes.flatten(logits), features);
  }

  /**
   * The names of this net from those of the published graph: {@code
   * MobileNetV2/expanded_conv_1/project/Conv2D;…} and {@code
   * …/project/batch_norm/FusedBatchNormV3;…}. Tensors of one dimension are biases; the constants of
   * the graph's reshapes are left out. A dictionary of this net's own names stays as it is.
   */
  static StateDict fromTensorFlow(StateDict published) {
    StateDict named = new StateDict();
    published
        .entries()
        .forEach(
            entry -> {
              String name = entry.getKey();
              Tensor tensor = entry.getValue();
              if (!name.startsWith(TENSORFLOW)) {
                named.put(name, tensor);
              } else if (!name.contains("Reshape/shape") && !name.contains("top/Reshape")) {
                named.put(layerOf(name) + (tensor.dim() == 1 ? ".bias" : ".weight"), tensor);
              }
            });
    return named;
  }

  private static String layerOf(String name) {
    int alias = name.indexOf(';');
    String layer =
        name.substring(TENSORFLOW.length(), alias < 0 ? name.length() : alias)
            .replaceFirst("/(batch_norm/FusedBatchNormV3|Conv2D|BiasAdd)$", "")
            .replaceFirst("^top/Conv2d_1x1_output$", "top");
    return layer.replace('/', '.');
  }
}

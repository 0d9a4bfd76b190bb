package io.realign.target;

import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * DeepLabv3 (Chen et al., 2017, arXiv 1706.05587) on MobileNetV2 of half the width, as TensorFlow
 * publishes it for phones: stride 8 by dilation, a pyramid of one 1×1 convolution and the image's
 * mean, batch norm already folded.
 *
 * <p>Tensors are named {@code expanded_conv_2.depthwise.weight}; {@link #fromTensorFlow} makes
 * these names from TensorFlow's.
 */
public final class DeepLabMobileNet implements Net {

  /** One line a block: expansion, output channels, stride, dilation. */
  private static final int[][] BLOCKS = {
    {1, 8, 1, 1},
    {6, 12, 2, 1},
    {6, 12, 1, 1},
    {6, 16, 2, 1},
    {6, 16, 1, 1},
    {6, 16, 1, 1},
    {6, 32, 1, 1},
    {6, 32, 1, 2},
    {6, 32, 1, 2},
    {6, 32, 1, 2},
    {6, 48, 1, 2},
    {6, 48, 1, 2},
    {6, 48, 1, 2},
    {6, 80, 1, 2},
    {6, 80, 1, 4},
    {6, 80, 1, 4},
    {6, 160, 1, 4},
  };

  private static final int STEM = 16;
  private static final int HEAD = 256;
  private static final String BACKBONE = "MobilenetV2/";

  private final Body body;
  private final SameConv pooled;
  private final SameConv local;
  private final SameConv both;
  private final SameConv last;

  /** Declares the net. */
  public DeepLabMobileNet(Params p, int classes) {
    body = new Body(p);
    int in = BLOCKS[BLOCKS.length - 1][1];
    pooled = SameConv.of(p.sub("image_pooling"), in, HEAD, 1, 1);
    local = SameConv.of(p.sub("aspp0"), in, HEAD, 1, 1);
    both = SameConv.of(p.sub("concat_projection"), 2 * HEAD, HEAD, 1, 1);
    last = SameConv.of(p.sub("logits"), HEAD, classes, 1, 1);
  }

  @Override
  public Task task() {
    return new Segmentation();
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = body.forward(x); // [N,160,H/8,W/8]
    Tensor mean = Shapes.asMap(Ops.globalAvgPool(y)); // [N,160,1,1]
    Tensor whole = Shapes.spreadLike(Ops.relu(pooled.forward(mean)), y); // [N,256,H/8,W/8]
    Tensor pyramid = Shapes.concatenate(List.of(whole, Ops.relu(local.forward(y))), 1);
    Tensor features = Ops.relu(both.forward(pyramid)); // [N,256,H/8,W/8]
    Tensor logits = last.forward(features); // [N,K,H/8,W/8]
    return new Outputs(Ops.resizeAlignedLike(logits, x), features); // [N,K,H,W]
  }

  @Override
  public Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return Optional.of(
        new PyramidTrunk(PyramidTrunk.Kind.DEEPLAB_MOBILENET, normalisation, weights));
  }

  /** Stem and blocks. */
  static final class Body implements Pyramid {

    /** The last block of each map: of an eighth before, amid and after its dilations. */
    private static final List<List<Integer>> LAST =
        List.of(List.of(0), List.of(2), List.of(5, 12, 16));

    private final SameConv stem;
    private final List<InvertedResidual> blocks = new ArrayList<>();

    Body(Params p) {
      stem = SameConv.of(p.sub("Conv"), 3, STEM, 3, 2);
      int in = STEM;
      for (int i = 0; i < BLOCKS.length; i++) {
        int[] block = BLOCKS[i];
        String name = i == 0 ? "expanded_conv" : "expanded_conv_" + i;
        blocks.add(new InvertedResidual(p.sub(name), in, block[0], block[1], block[2], block[3]));
        in = block[1];
      }
    }

    Tensor forward(Tensor x) {
      return outputs(x).getLast();
    }

    private List<Tensor> outputs(Tensor x) {
      List<Tensor> outputs = new ArrayList<>();
      Tensor y = Ops.relu6InPlace(stem.forward(Ops.channelsLast(x))); // [N,16,H/2,W/2]
      for (InvertedResidual block : blocks) {
        y = block.forward(y);
        outputs.add(y);
      }
      return outputs;
    }

    @Override
    public List<Tensor> maps(Tensor x) {
      List<Tensor> outputs = outputs(x);
      return LAST.stream()
          .map(blocks -> Shapes.concatenate(blocks.stream().map(outputs::get).toList(), 1))
          .toList();
    }

    @Override
    public List<Integer> channels() {
      return LAST.stream()
          .map(blocks -> blocks.stream().mapToInt(block -> BLOCKS[block][1]).sum())
          .toList();
    }
  }

  /**
   * The names of this net from those of the published graph: {@code
   * MobilenetV2/expanded_conv_1/depthwise/depthwise_weights}; the constants of the graph's resizes
   * are left out. A dictionary of this net's own names stays as it is.
   */
  static StateDict fromTensorFlow(StateDict published) {
    StateDict named = new StateDict();
    published
        .entries()
        .forEach(
            entry -> {
              String name = entry.getKey();
              int slash = name.lastIndexOf('/');
              if (slash < 0) {
                if (!name.startsWith("strided_slice")) {
                  named.put(name, entry.getValue());
                }
              } else if (!name.startsWith("ResizeBilinear")) {
                named.put(
                    layerOf(name.substring(0, slash))
                        + (name.endsWith("bias") ? ".bias" : ".weight"),
                    entry.getValue());
              }
            });
    return named;
  }

  private static String layerOf(String name) {
    String layer = name.startsWith(BACKBONE) ? name.substring(BACKBONE.length()) : name;
    return layer.replace("logits/semantic", "logits").replace('/', '.');
  }
}

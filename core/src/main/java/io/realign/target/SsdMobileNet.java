package io.realign.target;

import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.AveragePrecision;
import io.realign.task.BoxCoding;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * SSD on MobileNetV1 (Huang et al., 2017, arXiv 1611.10012) of three quarters of the width, trained
 * on COCO, as TensorFlow publishes it for phones: batch norm folded, SAME padding, six maps of 19,
 * 10, 5, 3, 2 and 1 places with 1,917 priors, a sigmoid for each of 90 classes. Of these it tells
 * the twenty of PASCAL VOC, in VOC's order.
 *
 * <p>It was quantised: each layer's output is cut to the range that its 8 bits covered, which for
 * most layers is ReLU6.
 *
 * <p>Tensors are named {@code Conv2d_1_depthwise.weight}; {@link #fromTensorFlow} makes these names
 * from TensorFlow's.
 */
public final class SsdMobileNet implements Net {

  /** One line a pair of depthwise and pointwise convolution: output channels, stride. */
  private static final int[][] BACKBONE = {
    {48, 1}, {96, 2}, {96, 1}, {192, 2}, {192, 1}, {384, 2}, {384, 1}, {384, 1}, {384, 1}, {384, 1},
    {384, 1}, {768, 2}, {768, 1},
  };

  /** One line a further map: channels between, channels. */
  private static final int[][] EXTRAS = {{192, 384}, {96, 192}, {96, 192}, {48, 96}};

  /** The highest values of the further maps and of the layers between. */
  private static final double[][] EXTRA_HIGHEST = {
    {6, 6}, {6, 6}, {5.730803120881319, 6}, {3.9329187758266926, 6},
  };

  /** The range of each map's offsets. */
  private static final double[][] OFFSETS = {
    {-15.094324365258217, 5.057784080505371},
    {-4.341041766107082, 3.680448453873396},
    {-3.6895521730184555, 3.7773986533284187},
    {-3.456358339637518, 3.5386525858193636},
    {-2.850468222051859, 2.4167013186961412},
    {-3.04790922999382, 2.0653595440089703},
  };

  /** The range of each map's logits. */
  private static final double[][] LOGITS = {
    {-11.094388253986835, 1.2059117667376995},
    {-8.903173595666885, 1.6075174547731876},
    {-7.719509661197662, 1.522156834602356},
    {-7.662565838545561, 1.4255936443805695},
    {-6.14923120290041, 0.7890606410801411},
    {-5.93415367603302, 1.1369172930717468},
  };

  /** Background and, in VOC's order, its classes among COCO's 91. */
  private static final long[] VOC_IN_COCO = {
    0, 5, 2, 16, 9, 44, 6, 3, 17, 62, 21, 67, 18, 19, 4, 1, 64, 20, 63, 7, 72
  };

  private static final int COCO = 91;
  private static final int STEM = 24;
  private static final int PRIORS = 1917;
  private static final int FIRST_MAP = 11; // the pair of convolutions that the first map follows
  private static final double RELU6 = 5.999761680141091;

  private final Body body;
  private final Separable twelfth;
  private final Separable thirteenth;
  private final List<SameConv> narrow = new ArrayList<>();
  private final List<SameConv> further = new ArrayList<>();
  private final List<SameConv> offsets = new ArrayList<>();
  private final List<SameConv> logits = new ArrayList<>();
  private final Tensor anchors;

  /** Declares the net; {@code classes} are VOC's. */
  public SsdMobileNet(Params p, int classes) {
    if (classes != VOC_IN_COCO.length - 1) {
      throw new IllegalArgumentException(
          "it tells VOC's %d classes, not %d".formatted(VOC_IN_COCO.length - 1, classes));
    }
    body = new Body(p);
    twelfth = Separable.of(p, FIRST_MAP);
    thirteenth = Separable.of(p, FIRST_MAP + 1);
    int in = BACKBONE[BACKBONE.length - 1][0];
    List<Integer> maps = new ArrayList<>(List.of(BACKBONE[FIRST_MAP - 1][0], in));
    for (int i = 0; i < EXTRAS.length; i++) {
      int between = EXTRAS[i][0];
      int out = EXTRAS[i][1];
      narrow.add(SameConv.of(p.sub("extra_" + (i + 2) + "_1x1"), in, between, 1, 1));
      further.add(SameConv.of(p.sub("extra_" + (i + 2) + "_3x3"), between, out, 3, 2));
      in = out;
      maps.add(out);
    }
    for (int i = 0; i < maps.size(); i++) {
      int boxes = i == 0 ? 3 : 6;
      Params head = p.sub("BoxPredictor_" + i);
      offsets.add(SameConv.of(head.sub("BoxEncodingPredictor"), maps.get(i), 4 * boxes, 1, 1));
      logits.add(SameConv.of(head.sub("ClassPredictor"), maps.get(i), COCO * boxes, 1, 1));
    }
    anchors = p.buffer("anchors", Init.constant(1), PRIORS, 4);
  }

  /** With the priors of the weights: call it when they are loaded. */
  @Override
  public Task task() {
    float[] stored = Ops.toFloats(anchors); // centre y, centre x, height, width
    float[] boxes = new float[stored.length];
    for (int at = 0; at < stored.length; at += 4) {
      boxes[at] = stored[at + 1];
      boxes[at + 1] = stored[at];
      boxes[at + 2] = stored[at + 3];
      boxes[at + 3] = stored[at + 2];
    }
    return new Detection(
        new Priors(boxes),
        BoxCoding.standard(), // TensorFlow's scales 10 and 5 are 1/.1 and 1/.2
        Detection.Scores.SIGMOID,
        NonMaximumSuppression.standard(),
        AveragePrecision.AREA);
  }

  @Override
  public Outputs forward(Tensor x) {
    List<Tensor> maps = new ArrayList<>();
    Tensor y = body.forward(x);
    maps.add(y); // [N,384,19,19]
    y = thirteenth.forward(twelfth.forward(y));
    maps.add(y); // [N,768,10,10]
    for (int i = 0; i < further.size(); i++) {
      y = Ops.hardTanh(narrow.get(i).forward(y), 0, EXTRA_HIGHEST[i][0]);
      y = Ops.hardTanh(further.get(i).forward(y), 0, EXTRA_HIGHEST[i][1]);
      maps.add(y);
    }
    List<Tensor> boxes = new ArrayList<>();
    List<Tensor> scores = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      Tensor box = Ops.hardTanh(offsets.get(i).forward(maps.get(i)), OFFSETS[i][0], OFFSETS[i][1]);
      Tensor score = Ops.hardTanh(logits.get(i).forward(maps.get(i)), LOGITS[i][0], LOGITS[i][1]);
      boxes.add(Shapes.placesToRows(box, 4));
      scores.add(Shapes.placesToRows(score, COCO));
    }
    Tensor coco = Shapes.concatenate(scores, 1); // [N,1917,91]
    Tensor turned = // TensorFlow writes y before x
        Shapes.select(Shapes.concatenate(boxes, 1), 2, 1, 0, 3, 2);
    return new Outputs(Shapes.select(coco, 2, VOC_IN_COCO), maps.getFirst(), Optional.of(turned));
  }

  @Override
  public Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return Optional.of(new PyramidTrunk(PyramidTrunk.Kind.SSD_MOBILENET, normalisation, weights));
  }

  /** A depthwise and a pointwise convolution. */
  private record Separable(SameConv depthwise, SameConv pointwise) {

    /** That of line {@code i} of the backbone, counted from 0. */
    static Separable of(Params p, int i) {
      int in = i == 0 ? STEM : BACKBONE[i - 1][0];
      String name = "Conv2d_" + (i + 1);
      return new Separable(
          SameConv.of(p.sub(name + "_depthwise"), in, in, 3, BACKBONE[i][1], 1, in),
          SameConv.of(p.sub(name + "_pointwise"), in, BACKBONE[i][0], 1, 1));
    }

    Tensor forward(Tensor x) {
      Tensor y = Ops.hardTanh(depthwise.forward(x), 0, RELU6);
      return Ops.hardTanh(pointwise.forward(y), 0, RELU6);
    }
  }

  /** The layers before the first map. */
  static final class Body implements Pyramid {

    private static final List<Integer> LAST = List.of(0, 2, 4, FIRST_MAP - 1); // of each map

    private final SameConv stem;
    private final List<Separable> pairs = new ArrayList<>();

    Body(Params p) {
      stem = SameConv.of(p.sub("Conv2d_0"), 3, STEM, 3, 2);
      for (int i = 0; i < FIRST_MAP; i++) {
        pairs.add(Separable.of(p, i));
      }
    }

    Tensor forward(Tensor x) {
      return maps(x).getLast();
    }

    @Override
    public List<Tensor> maps(Tensor x) {
      List<Tensor> maps = new ArrayList<>();
      Tensor y = Ops.hardTanh(stem.forward(Ops.channelsLast(x)), 0, RELU6); // [N,24,H/2,W/2]
      for (int i = 0; i < pairs.size(); i++) {
        y = pairs.get(i).forward(y);
        if (LAST.contains(i)) {
          maps.add(y);
        }
      }
      return maps;
    }

    @Override
    public List<Integer> channels() {
      return LAST.stream().map(i -> BACKBONE[i][0]).toList();
    }
  }

  /**
   * The names of this net from those of the published graph; constants of the graph's reshapes are
   * left out. A dictionary of this net's own names stays as it is.
   */
  static StateDict fromTensorFlow(StateDict published) {
    StateDict named = new StateDict();
    published
        .entries()
        .forEach(
            entry -> {
              String name = entry.getKey();
              if (name.endsWith("_shape") || name.matches("BoxPredictor_\\d/stack(_1)?")) {
                return;
              }
              named.put(nameOf(name), entry.getValue().to(torch.ScalarType.Float));
            });
    return named;
  }

  private static String nameOf(String name) {
    if (!name.contains("/")) {
      return name;
    }
    String layer =
        name.replace("FeatureExtractor/MobilenetV1/", "")
            .replace("MobilenetV1/", "")
            .replaceFirst("Conv2d_13_pointwise_1_Conv2d_(\\d)_1x1_\\d+", "extra_$1_1x1")
            .replaceFirst("Conv2d_13_pointwise_2_Conv2d_(\\d)_3x3_s2_\\d+", "extra_$1_3x3")
            .replaceFirst(
                "/(weights_quant/FakeQuantWithMinMaxVars|[A-Za-z0-9]+_Fold_bias|Conv2D_bias)$", "");
    return layer.replace('/', '.') + (name.endsWith("bias") ? ".bias" : ".weight");
  }
}

package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.task.AveragePrecision;
import io.realign.task.BoxCoding;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * SSD300 on VGG-16 (Liu et al., 2016, arXiv 1512.02325): six maps, 8,732 priors, conv4_3 brought to
 * length 20 by place. Tensors are named as in torchvision.
 */
public final class Ssd300 implements Net {

  /** Two nets whose tensors have the same names and shapes. */
  public enum Kind {
    /** The paper's for VOC: priors of 30, 60, 111, 162, 213, 264 and 315 pixels. */
    PAPER,
    /**
     * torchvision's: priors of 21, 45, 99, 153, 207, 261 and 315 pixels whose centres may lie past
     * the edge, boxes that end at the frame.
     */
    TORCHVISION;

    private List<Priors.Level> levels() {
      return switch (this) {
        case PAPER -> Priors.ssd300();
        case TORCHVISION -> Priors.torchvisionSsd300();
      };
    }
  }

  /** Priors at each place of the first map. */
  static final int FIRST_BOXES = 4;

  private static final int SIDE = 300;
  private static final double LENGTH = 20;
  private static final double TINY = 1e-12;

  /** One line a further map: channels between, channels, stride, padding. */
  private static final int[][] EXTRAS = {
    {256, 512, 2, 1}, {128, 256, 2, 1}, {128, 256, 1, 0}, {128, 256, 1, 0}
  };

  private final Kind kind;
  private final DetectorVgg vgg;
  private final Tensor length;
  private final List<Conv2d> narrow = new ArrayList<>();
  private final List<Conv2d> further = new ArrayList<>();
  private final DetectorHeads heads;

  /** Declares the net. */
  public Ssd300(Params p, int classes, Kind kind) {
    this.kind = kind;
    Params backbone = p.sub("backbone");
    Params extra = backbone.sub("extra");
    Params late = extra.sub(0);
    vgg =
        new DetectorVgg(
            backbone.sub("features")::sub,
            Stream.of(late.sub(1), late.sub(3), late.sub(5), late.sub(7).sub(1), late.sub(7).sub(3))
                .toList());
    length = backbone.parameter("scale_weight", Init.constant(LENGTH), DetectorVgg.FOURTH);
    List<Integer> channels = new ArrayList<>(List.of(DetectorVgg.FOURTH, DetectorVgg.SEVENTH));
    int in = DetectorVgg.SEVENTH;
    for (int i = 0; i < EXTRAS.length; i++) {
      int[] line = EXTRAS[i];
      narrow.add(Conv2d.of(extra.sub(i + 1).sub(0), in, line[0], 1, 1, 0, Init.heFanOut()));
      further.add(
          Conv2d.of(
              extra.sub(i + 1).sub(2), line[0], line[1], 3, line[2], line[3], Init.heFanOut()));
      in = line[1];
      channels.add(in);
    }
    heads = DetectorHeads.torchvision(p.sub("head"), channels, kind.levels(), classes);
  }

  @Override
  public Task task() {
    return switch (kind) {
      case PAPER ->
          detection(
              Priors.of(kind.levels(), SIDE), BoxCoding.standard(), AveragePrecision.ELEVEN_POINT);
      case TORCHVISION ->
          detection(
              Priors.of(kind.levels(), SIDE, Priors.Cut.SIZES),
              BoxCoding.torchvision(),
              AveragePrecision.AREA);
    };
  }

  private static Detection detection(Priors priors, BoxCoding coding, AveragePrecision precision) {
    return new Detection(
        priors, coding, Detection.Scores.SOFTMAX, NonMaximumSuppression.standard(), precision);
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor fourth = vgg.fourth(x);
    List<Tensor> maps = new ArrayList<>();
    maps.add(
        Ops.multiply(Ops.unitChannels(fourth, TINY), length.view(1, -1, 1, 1))); // [N,512,38,38]
    Tensor features = vgg.seventh(fourth); // [N,1024,19,19]
    maps.add(features);
    Tensor y = features;
    for (int i = 0; i < narrow.size(); i++) {
      y = Ops.reluInPlace(narrow.get(i).forward(y));
      y = Ops.reluInPlace(further.get(i).forward(y)); // 10², 5², 3², 1²
      maps.add(y);
    }
    return heads.forward(maps, features);
  }
}

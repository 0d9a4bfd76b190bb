package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
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
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * RFBNet300 on VGG-16 (Liu, Huang and Wang, 2018, arXiv 1711.07767): receptive field blocks on
 * SSD's maps, 11,620 priors. Tensors are named as the authors name them; their nets take the
 * colours in the order blue, green, red, ours red, green, blue.
 */
public final class RfbNet300 implements Net {

  private static final int SIDE = 300;

  /** Priors at each place of the first map. */
  static final int FIRST_BOXES = 6;

  /** Where the authors' list of layers has conv5_1 to conv5_3, fc6 and fc7. */
  private static final int[] LATE = {24, 26, 28, 31, 33};

  /** One line a block on VGG-16: channels, stride. */
  private static final int[][] BLOCKS = {{1024, 1}, {512, 2}, {256, 2}};

  private static final int NARROW = 128;
  private static final int LAST = 256;

  private final DetectorVgg vgg;
  private final ReceptiveFieldBlock fine;
  private final List<Layer> further = new ArrayList<>();
  private final DetectorHeads heads;

  /** Declares the net. */
  public RfbNet300(Params p, int classes) {
    Params base = p.sub("base");
    vgg = new DetectorVgg(base::sub, IntStream.of(LATE).mapToObj(base::sub).toList());
    fine = ReceptiveFieldBlock.small(p.sub("Norm"), DetectorVgg.FOURTH);
    List<Integer> channels = new ArrayList<>(List.of(DetectorVgg.FOURTH));
    Params extras = p.sub("extras");
    int in = DetectorVgg.SEVENTH;
    int index = 0;
    for (int[] block : BLOCKS) {
      further.add(ReceptiveFieldBlock.plain(extras.sub(index++), in, block[0], block[1]));
      in = block[0];
      channels.add(in);
    }
    for (int i = 0; i < 2; i++) { // 5² to 3² to 1²
      ConvBn narrow = ConvBn.of(extras.sub(index++), "conv", "bn", in, NARROW, 1, 1);
      ConvBn smaller = ConvBn.unpadded(extras.sub(index++), "conv", "bn", NARROW, LAST, 3);
      further.add(x -> Ops.reluInPlace(smaller.forward(Ops.reluInPlace(narrow.forward(x)))));
      in = LAST;
      channels.add(in);
    }
    heads =
        new DetectorHeads(
            p.sub("conf")::sub, p.sub("loc")::sub, channels, Priors.rfb300(), classes);
  }

  @Override
  public Task task() {
    return new Detection(
        Priors.of(Priors.rfb300(), SIDE),
        BoxCoding.standard(),
        Detection.Scores.SOFTMAX,
        NonMaximumSuppression.standard(),
        AveragePrecision.ELEVEN_POINT);
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor fourth = vgg.fourth(x);
    List<Tensor> maps = new ArrayList<>();
    maps.add(fine.forward(fourth)); // [N,512,38,38]
    Tensor features = vgg.seventh(fourth); // [N,1024,19,19]
    Tensor y = features;
    for (Layer layer : further) {
      y = layer.forward(y); // 19², 10², 5², 3², 1²
      maps.add(y);
    }
    return heads.forward(maps, features);
  }
}

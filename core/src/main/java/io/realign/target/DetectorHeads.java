package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;

/** A 3×3 convolution on each map for the logits of its priors, and another for their offsets. */
final class DetectorHeads {

  private final List<Conv2d> logits = new ArrayList<>();
  private final List<Conv2d> offsets = new ArrayList<>();
  private final int scores;

  /**
   * Declares the convolutions.
   *
   * @param scored where those for the logits are, by map
   * @param corrected where those for the offsets are
   * @param channels of each map
   * @param levels of each map
   * @param classes without background
   */
  DetectorHeads(
      IntFunction<Params> scored,
      IntFunction<Params> corrected,
      List<Integer> channels,
      List<Priors.Level> levels,
      int classes) {
    scores = classes + 1;
    for (int i = 0; i < channels.size(); i++) {
      int boxes = levels.get(i).boxes();
      int in = channels.get(i);
      logits.add(Conv2d.of(scored.apply(i), in, boxes * scores, 3, 1, 1, Init.heFanOut()));
      offsets.add(Conv2d.of(corrected.apply(i), in, boxes * 4, 3, 1, 1, Init.heFanOut()));
    }
  }

  /** Tensors named as in torchvision's SSD. */
  static DetectorHeads torchvision(
      Params p, List<Integer> channels, List<Priors.Level> levels, int classes) {
    return new DetectorHeads(
        p.sub("classification_head").sub("module_list")::sub,
        p.sub("regression_head").sub("module_list")::sub,
        channels,
        levels,
        classes);
  }

  /**
   * The outputs.
   *
   * @param maps of each level
   * @param features that distributions are aligned in
   */
  Outputs forward(List<Tensor> maps, Tensor features) {
    List<Tensor> scored = new ArrayList<>();
    List<Tensor> corrected = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      scored.add(Shapes.placesToRows(logits.get(i).forward(maps.get(i)), scores));
      corrected.add(Shapes.placesToRows(offsets.get(i).forward(maps.get(i)), 4));
    }
    return new Outputs(
        Shapes.concatenate(scored, 1), features, Optional.of(Shapes.concatenate(corrected, 1)));
  }
}

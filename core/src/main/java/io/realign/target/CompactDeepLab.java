package io.realign.target;

import io.realign.nn.ConvBn;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * DeepLabv3 for two cores: the body of ResNet-8 for CIFAR with stride 4, two residual blocks of 96
 * channels dilated by 2 and 4, and a pyramid of 64 channels with dilations 3, 6 and 9. Made for
 * images of 48² to 192².
 */
public final class CompactDeepLab implements Net {

  private static final List<Integer> DILATIONS = List.of(2, 4);
  private static final int WIDE = 96;
  private static final int HEAD = 64;
  private static final List<Integer> RATES = List.of(3, 6, 9);

  private final ResidualBody body;
  private final List<Block> blocks = new ArrayList<>();
  private final DeepLabV3.Head head;

  /** Declares the net. */
  public CompactDeepLab(Params p, int classes) {
    body = new ResidualBody(p, 1);
    int in = ResidualBody.CHANNELS;
    for (int dilation : DILATIONS) {
      blocks.add(new Block(p.sub("dilated").sub(blocks.size()), in, WIDE, dilation));
      in = WIDE;
    }
    Params classifier = p.sub("classifier");
    AtrousPyramid pyramid = new AtrousPyramid(classifier.sub(0), in, HEAD, RATES, 0);
    head = new DeepLabV3.Head(pyramid, classifier, HEAD, classes, 0);
  }

  @Override
  public Task task() {
    return new Segmentation();
  }

  @Override
  public Outputs forward(Tensor x) {
    Tensor y = body.forward(x); // [N,64,H/4,W/4]
    for (Block block : blocks) {
      y = block.forward(y);
    }
    Tensor features = head.features(y); // [N,64,H/4,W/4]
    Tensor logits = head.logits(features);
    return new Outputs(Ops.resizeLike(logits, x), features);
  }

  @Override
  public Optional<Trunk> trunk(Normalisation normalisation, StateDict weights) {
    return Optional.of(body.trunk(normalisation));
  }

  private static final class Block implements Layer {
    final ConvBn first;
    final ConvBn second;
    final @Nullable ConvBn shortcut;

    Block(Params p, int in, int out, int dilation) {
      first = ConvBn.of(p, "conv1", "bn1", in, out, 3, 1, dilation);
      second = ConvBn.of(p, "conv2", "bn2", out, out, 3, 1, dilation);
      shortcut = in == out ? null : ConvBn.of(p.sub("shortcut"), "conv", "bn", in, out, 1, 1);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = second.forward(Ops.reluInPlace(first.forward(x)));
      return Ops.reluInPlace(Ops.add(y, shortcut == null ? x : shortcut.forward(x)));
    }
  }
}

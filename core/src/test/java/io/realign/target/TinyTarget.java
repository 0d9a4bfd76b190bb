package io.realign.target;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Linear;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** A random net of one convolution and one linear layer, whose weights still ask for gradients. */
public final class TinyTarget implements Target {

  private static final int CHANNELS = 6;

  private final int classes;
  private final int imageSize;
  private final Params params;
  private final Conv2d conv;
  private final Linear linear;

  /** With weights drawn from {@code seed}. */
  public TinyTarget(int classes, int imageSize, Seed seed) {
    this.classes = classes;
    this.imageSize = imageSize;
    this.params = Params.create(seed, Compute.CPU);
    this.conv = Conv2d.of(params.sub("conv"), 3, CHANNELS, 3, 2, 1, Init.heFanIn());
    int inputs = CHANNELS * (imageSize / 2) * (imageSize / 2);
    this.linear =
        new Linear(
            params.parameter("linear.weight", Init.normal(.1), classes, inputs),
            params.parameter("linear.bias", Init.constant(0), classes));
  }

  /** Its weights. */
  public Params params() {
    return params;
  }

  /** What it says of {@code images}: {@code [N]}. */
  public Tensor predictions(Tensor images) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return forward(images).logits().argmax(new LongOptional(1), false);
    }
  }

  @Override
  public String name() {
    return "tiny";
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int imageSize() {
    return imageSize;
  }

  @Override
  public Outputs forward(Tensor images) {
    Tensor features = conv.forward(Ops.affine(images, 2, -1)).relu().flatten(1, -1);
    return new Outputs(linear.forward(features), features);
  }
}

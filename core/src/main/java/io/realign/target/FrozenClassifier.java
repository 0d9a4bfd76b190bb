package io.realign.target;

import io.realign.nn.Layer;
import io.realign.task.Outputs;
import org.bytedeco.pytorch.Tensor;

/** A frozen classifier: normalisation, then the net. {@link Targets} makes them. */
public final class FrozenClassifier implements Target {

  private final String name;
  private final int classes;
  private final int imageSize;
  private final Layer normalise;
  private final Classifier net;

  FrozenClassifier(String name, int classes, int imageSize, Layer normalise, Classifier net) {
    this.name = name;
    this.classes = classes;
    this.imageSize = imageSize;
    this.normalise = normalise;
    this.net = net;
  }

  @Override
  public String name() {
    return name;
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
    return net.forward(normalise.forward(images));
  }
}

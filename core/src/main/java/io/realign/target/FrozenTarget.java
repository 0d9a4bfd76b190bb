package io.realign.target;

import io.realign.nn.Layer;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.task.Task;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A frozen net: normalisation, then the net. {@link Targets} makes them. */
public final class FrozenTarget implements Target {

  private final Architecture architecture;
  private final int classes;
  private final int imageSize;
  private final Normalisation normalisation;
  private final Layer normalise;
  private final Net net;
  private final StateDict weights;
  private final Task task;
  private final List<String> notes;

  FrozenTarget(
      Architecture architecture,
      int classes,
      int imageSize,
      Normalisation normalisation,
      Layer normalise,
      Net net,
      StateDict weights,
      List<String> notes) {
    this.architecture = architecture;
    this.classes = classes;
    this.imageSize = imageSize;
    this.normalisation = normalisation;
    this.normalise = normalise;
    this.net = net;
    this.weights = weights;
    this.task = net.task();
    this.notes = notes;
  }

  @Override
  public String name() {
    return architecture.name();
  }

  @Override
  public Task task() {
    return task;
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
  public boolean anySize() {
    return architecture.anySize();
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public Optional<Trunk> trunk() {
    return net.trunk(normalisation, weights);
  }

  @Override
  public Outputs forward(Tensor images) {
    return net.forward(normalise.forward(images));
  }
}

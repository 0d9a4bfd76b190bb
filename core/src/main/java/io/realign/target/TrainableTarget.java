package io.realign.target;

import io.realign.io.Safetensors;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/**
 * A net whose weights are still to be found. It takes images in [0,1] and normalises them itself,
 * as the {@link Target} will that {@link #freeze} makes of it.
 */
public final class TrainableTarget {

  private final Architecture architecture;
  private final int classes;
  private final Compute compute;
  private final Params params;
  private final Layer normalise;
  private final Net net;

  TrainableTarget(Architecture architecture, int classes, Seed seed, Compute compute) {
    this.architecture = architecture;
    this.classes = classes;
    this.compute = compute;
    this.params = Params.create(seed, compute);
    this.normalise = architecture.normalisation().layer(compute);
    this.net = architecture.body().build(params, classes);
  }

  /**
   * The net's outputs.
   *
   * @param images {@code [N,3,H,W]} fp32 in [0,1]
   */
  public Outputs forward(Tensor images) {
    return net.forward(normalise.forward(images));
  }

  /** The tensors to train, and the switch between training and evaluation. */
  public Params params() {
    return params;
  }

  /** What kind of net it is. */
  public Architecture architecture() {
    return architecture;
  }

  /** What it is made for. */
  public Task task() {
    return net.task();
  }

  /** The number of classes. */
  public int classes() {
    return classes;
  }

  /** A frozen copy of the net as it is now; this one can be trained on. */
  public Target freeze() {
    return Targets.of(
        architecture, params.dict(), Map.of(), architecture.name() + " in training", compute);
  }

  /**
   * Writes the net so that {@code ARCH@FILE} reads it: all tensors, and architecture, classes,
   * image size and normalisation as metadata.
   *
   * @throws java.io.UncheckedIOException if the disk is full or fails; a previous file is kept
   */
  public void save(Path file) {
    Safetensors.write(
        file,
        params.dict(),
        new TreeMap<>(
            Map.of(
                Targets.ARCHITECTURE,
                architecture.name(),
                Targets.CLASSES,
                Integer.toString(classes),
                Targets.IMAGE_SIZE,
                Integer.toString(architecture.imageSize()),
                Targets.NORMALISATION,
                architecture.normalisation().text())));
  }
}

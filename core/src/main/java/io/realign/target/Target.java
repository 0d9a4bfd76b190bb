package io.realign.target;

import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Script;
import io.realign.torch.Seed;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * A frozen net under attack. It takes images in [0,1] and normalises them itself.
 *
 * <p>A target never changes: batch norm runs on stored statistics and no weight collects a
 * gradient, so that a gradient by the images costs only that.
 */
public interface Target {

  /** The name in reports: {@code cifar-resnet20}. */
  String name();

  /** What it is made for. */
  default Task task() {
    return new Classification();
  }

  /** The number of classes. */
  int classes();

  /** The height and width of the images it was made for. */
  int imageSize();

  /** Whether it also takes images of another height and width. */
  default boolean anySize() {
    return false;
  }

  /** The names of the classes, where the target itself knows them; else empty. */
  default List<String> classNames() {
    return List.of();
  }

  /** What the user should know about it. Empty as a rule. */
  default List<String> notes() {
    return List.of();
  }

  /** Its first layers, where it is a net that a generator's encoder can start from. */
  default Optional<Trunk> trunk() {
    return Optional.empty();
  }

  /** The TorchScript program that it runs, where it is one. */
  default Optional<Script> script() {
    return Optional.empty();
  }

  /** Whether the same images may get other outputs the next time. */
  default boolean randomised() {
    return false;
  }

  /**
   * This target with its random choices made: a function of {@code draws}. A target without any is
   * its own.
   */
  default Target drawn(Seed draws) {
    return this;
  }

  /**
   * The net's outputs, differentiable by {@code images}.
   *
   * @param images {@code [N,3,H,W]} fp32 in [0,1]
   */
  Outputs forward(Tensor images);
}

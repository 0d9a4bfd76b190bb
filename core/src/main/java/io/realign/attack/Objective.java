package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.task.Task;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/** What a gradient attack climbs: larger is worse for the defender. */
interface Objective {

  /** The value of each image: {@code [N]}. */
  Tensor of(Outputs outputs);

  /**
   * The objective of some of the images.
   *
   * @param rows their indices, {@code [M]}
   */
  Objective rows(Tensor rows);

  /**
   * The objective at a later step.
   *
   * @param done the share of the steps that are done, in [0,1)
   */
  default Objective at(double done) {
    return this;
  }

  /** Makes the objective of a batch. */
  @FunctionalInterface
  interface Factory {

    /**
     * The objective of images with these labels.
     *
     * @param task what the target is made for
     * @param clean asks what the target says about the clean images; who does not ask saves a
     *     forward pass
     * @param labels of the task
     */
    Objective of(Task task, Supplier<Outputs> clean, Tensor labels);
  }
}

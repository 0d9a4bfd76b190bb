package io.realign.attack;

import io.realign.task.Outputs;
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

  /** Makes the objective of a batch. */
  @FunctionalInterface
  interface Factory {

    /**
     * The objective of images with these labels.
     *
     * @param clean asks what the target says about the clean images; who does not ask saves a
     *     forward pass
     * @param labels {@code [N]} the true classes
     */
    Objective of(Supplier<Outputs> clean, Tensor labels);
  }
}

package io.realign.task;

import io.realign.data.Batch;
import org.bytedeco.pytorch.Tensor;

/**
 * What is asked of the target net. Trainer, attacks and evaluator work on labels, losses and
 * correctness through this interface and never ask which task they have.
 */
public sealed interface Task permits Classification {

  /** The name in results: {@code classification}. */
  String name();

  /** The name of the metric in results: {@code accuracy}. */
  String metric();

  /** The labels of a batch, as one tensor on the CPU: {@code [N]} int64 for classification. */
  Tensor labels(Batch batch);

  /** L_o, the loss that the target was trained with, averaged over the batch: a scalar. */
  Tensor loss(Outputs outputs, Tensor labels);

  /** The features in which distributions are aligned, with the class of each row. */
  ClassFeatures features(Tensor features, Tensor labels, int classes);

  /** Which images the net gets right: {@code [N]} bool. */
  Tensor correct(Outputs outputs, Tensor labels);

  /**
   * The labels as one-hot maps of the size of the images, for a conditional discriminator: {@code
   * [N,K,H,W]}.
   */
  Tensor labelMap(Tensor labels, int classes, long height, long width);
}

package io.realign.task;

import io.realign.data.Batch;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What is asked of the target net. Trainer, attacks and evaluator work on labels, losses and
 * metrics through this interface and never ask which task they have.
 */
public sealed interface Task permits Classification, Segmentation, Detection {

  /** The name on the command line and in results: {@code classification}. */
  String name();

  /** The name of the metric in results: {@code accuracy}. */
  String metric();

  /** The same task with the metric in a form of average precision, where that is its metric. */
  default Task measured(AveragePrecision form) {
    return this;
  }

  /** What it needs to know about images. */
  Labelling labelling();

  /** The names of the classes that a target of a dataset tells apart. */
  List<String> classes(Dataset dataset);

  /**
   * The labels of a batch, as one tensor on the CPU: {@code [N]} int64 for classification, {@code
   * [N,H,W]} int64, {@link Segmentation#UNKNOWN} where nobody knows, for segmentation, {@code
   * [N,M,6]} fp32, see {@link Detection}, for detection.
   */
  Tensor labels(Batch batch);

  /** L_o, the loss that the target was trained with, averaged over the batch: a scalar. */
  Tensor loss(Outputs outputs, Tensor labels);

  /**
   * The loss that a target learns by.
   *
   * @param smoothing the share of a label that is spread over all classes, where an image has one
   *     class
   */
  default Tensor trainingLoss(Outputs outputs, Tensor labels, double smoothing) {
    return loss(outputs, labels);
  }

  /** L_o of each image: {@code [N]}. What an attack climbs. */
  Tensor losses(Outputs outputs, Tensor labels);

  /**
   * How far each image is from a wrong answer: {@code [N]}, with a gradient wherever the net has
   * one. The loss, but for tasks whose loss is flat in fp32 where the net is sure.
   */
  default Tensor distance(Outputs outputs, Tensor labels) {
    return losses(outputs, labels);
  }

  /**
   * The share of the answers about each image that are wrong, in [0,1]: {@code [N]}. An image with
   * 1 cannot be fooled any further. A detector gives no answer that is wrong by itself: 0.
   */
  Tensor wrong(Outputs outputs, Tensor labels);

  /**
   * z, what distributions are aligned in: the layer before the last, as in the paper, or the
   * logits, as released.
   */
  default Tensor aligned(Outputs outputs, boolean logits) {
    return logits ? outputs.logits() : outputs.features();
  }

  /** The features in which distributions are aligned, with the class of each row. */
  ClassFeatures features(Tensor features, Tensor labels, int classes);

  /**
   * The labels as one-hot maps for a conditional discriminator: {@code [N,K,H,W]}, or {@code
   * [N,K,1,1]} where a label holds for a whole image.
   */
  Tensor labelMap(Tensor labels, int classes, long height, long width);

  /**
   * What the net settles on: {@code [N]} classes, {@code [N,H,W]} classes, {@code [N,B,6]} boxes as
   * {@link Detection} writes them.
   */
  Tensor predictions(Outputs outputs);

  /** Predictions as labels: what an attack leads away from where nobody knows the truth. */
  default Tensor asLabels(Tensor predictions) {
    return predictions;
  }

  /** How sure the net is of each image, in [0,1]: {@code [N]}. */
  Tensor confidence(Outputs outputs);

  /** The same predictions, or labels, to be looked at. */
  List<Finding> findings(Tensor predictions);

  /** What the metric needs to know of each image. */
  List<Judgement> judge(Tensor predictions, Tensor labels);

  /** The metric over images, in [0,1]. */
  double score(List<Judgement> images);

  /** The metric class by class, in the order of the labels: of those that have one. */
  List<ClassScore> byClass(List<Judgement> images);
}

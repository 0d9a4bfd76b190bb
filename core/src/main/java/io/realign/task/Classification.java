package io.realign.task;

import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** One class for each image. */
public record Classification() implements Task {

  @Override
  public String name() {
    return "classification";
  }

  @Override
  public String metric() {
    return "accuracy";
  }

  @Override
  public Tensor labels(Batch batch) {
    return Ops.longs(
        batch.annotations().stream().mapToLong(Annotation::label).toArray(), batch.size());
  }

  @Override
  public Tensor loss(Outputs outputs, Tensor labels) {
    return Ops.crossEntropy(outputs.logits(), labels);
  }

  @Override
  public ClassFeatures features(Tensor features, Tensor labels, int classes) {
    return ClassFeatures.of(features, labels, classes);
  }

  @Override
  public Tensor correct(Outputs outputs, Tensor labels) {
    return outputs.logits().argmax(new org.bytedeco.pytorch.LongOptional(1), false).eq(labels);
  }

  @Override
  public Tensor labelMap(Tensor labels, int classes, long height, long width) {
    return Ops.oneHot(labels, classes)
        .view(labels.size(0), classes, 1, 1)
        .expand(labels.size(0), classes, height, width);
  }
}

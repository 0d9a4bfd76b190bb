package io.realign.task;

import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.torch.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
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
  public Labelling labelling() {
    return Labelling.CLASSES;
  }

  @Override
  public List<String> classes(Dataset dataset) {
    return dataset.classes();
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
  public Tensor trainingLoss(Outputs outputs, Tensor labels, double smoothing) {
    return Ops.crossEntropy(outputs.logits(), labels, smoothing);
  }

  @Override
  public Tensor losses(Outputs outputs, Tensor labels) {
    return Ops.crossEntropies(outputs.logits(), labels);
  }

  @Override
  public Tensor wrong(Outputs outputs, Tensor labels) {
    return predictions(outputs).ne(labels).to(outputs.logits().scalar_type());
  }

  @Override
  public ClassFeatures features(Tensor features, Tensor labels, int classes) {
    return ClassFeatures.of(features, labels, classes);
  }

  @Override
  public Tensor predictions(Outputs outputs) {
    return outputs.logits().argmax(new LongOptional(1), false);
  }

  /** The margin: a sure answer's cross-entropy has no gradient in fp32. */
  @Override
  public Tensor distance(Outputs outputs, Tensor labels) {
    return Ops.margin(outputs.logits(), labels);
  }

  /** The probability of the class. */
  @Override
  public Tensor confidence(Outputs outputs) {
    return Ops.max(outputs.logits().softmax(1), 1);
  }

  @Override
  public List<Finding> findings(Tensor predictions) {
    return Arrays.stream(Ops.toLongs(predictions))
        .<Finding>mapToObj(label -> new Finding.OneClass((int) label))
        .toList();
  }

  @Override
  public List<Judgement> judge(Tensor predictions, Tensor labels) {
    long[] found = Ops.toLongs(predictions);
    long[] truth = Ops.toLongs(labels);
    return IntStream.range(0, truth.length)
        .<Judgement>mapToObj(i -> new Judgement.Answer((int) truth[i], found[i] == truth[i]))
        .toList();
  }

  @Override
  public double score(List<Judgement> images) {
    return images.stream()
        .mapToDouble(image -> ((Judgement.Answer) image).right() ? 1 : 0)
        .average()
        .orElse(0);
  }

  /** The share of each class's images that are right. */
  @Override
  public List<ClassScore> byClass(List<Judgement> images) {
    return images.stream()
        .map(Judgement.Answer.class::cast)
        .collect(Collectors.groupingBy(Judgement.Answer::label, TreeMap::new, Collectors.toList()))
        .entrySet()
        .stream()
        .map(
            entry ->
                new ClassScore(
                    entry.getKey(), score(List.copyOf(entry.getValue())), entry.getValue().size()))
        .toList();
  }

  @Override
  public Tensor labelMap(Tensor labels, int classes, long height, long width) {
    return Ops.oneHot(labels, classes).view(labels.size(0), classes, 1, 1);
  }
}

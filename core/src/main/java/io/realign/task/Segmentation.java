package io.realign.task;

import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** One class for each pixel. */
public record Segmentation() implements Task {

  /** The label of a pixel whose class nobody knows. */
  public static final long UNKNOWN = Ops.NO_LABEL;

  private static final double AUXILIARY = .4; // Zhao et al., 2017, arXiv 1612.01105, section 3.3
  private static final long PLACES = 32; // a row for each pixel and class would not fit
  private static final int MOST_CLASSES = 255; // those that nobody has count in no mean

  @Override
  public String name() {
    return "segmentation";
  }

  @Override
  public String metric() {
    return "mIoU";
  }

  @Override
  public Labelling labelling() {
    return Labelling.MASKS;
  }

  @Override
  public List<String> classes(Dataset dataset) {
    return dataset.maskClasses();
  }

  @Override
  public Tensor labels(Batch batch) {
    long height = batch.images().size(2);
    long width = batch.images().size(3);
    long[] labels = new long[Math.toIntExact(batch.size() * height * width)];
    int at = 0;
    for (Annotation annotation : batch.annotations()) {
      if (annotation.mask().length != height * width) {
        throw new IllegalArgumentException(
            "an image of %d×%d with a mask of %d pixels"
                .formatted(width, height, annotation.mask().length));
      }
      for (byte value : annotation.mask()) {
        labels[at++] = value == Annotation.UNKNOWN ? UNKNOWN : value & 255;
      }
    }
    return Ops.longs(labels, batch.size(), height, width);
  }

  /**
   * Cross-entropy, averaged over the pixels of the batch that are known, and {@value #AUXILIARY}
   * times that of a second head.
   */
  @Override
  public Tensor loss(Outputs outputs, Tensor labels) {
    Tensor main = loss(outputs.logits(), labels);
    return outputs
        .auxiliary()
        .map(second -> main.add(Ops.scale(loss(second, labels), AUXILIARY)))
        .orElse(main);
  }

  private static Tensor loss(Tensor logits, Tensor labels) {
    Tensor each = Ops.crossEntropies(logits, labels); // [N,H,W], 0 where unknown
    return each.sum().div(known(labels, each).sum().clamp_min(new Scalar(1.0)));
  }

  @Override
  public Tensor losses(Outputs outputs, Tensor labels) {
    Tensor each = Ops.crossEntropies(outputs.logits(), labels);
    Tensor counts = known(labels, each).flatten(1, -1).sum(1).clamp_min(new Scalar(1.0));
    return each.flatten(1, -1).sum(1).div(counts);
  }

  @Override
  public Tensor wrong(Outputs outputs, Tensor labels) {
    Tensor known = known(labels, outputs.logits()).flatten(1, -1);
    Tensor missed =
        predictions(outputs).ne(labels).to(outputs.logits().scalar_type()).flatten(1, -1);
    return missed.mul(known).sum(1).div(known.sum(1).clamp_min(new Scalar(1.0)));
  }

  private static Tensor known(Tensor labels, Tensor like) {
    return labels.ge(new Scalar(0)).to(like.scalar_type());
  }

  /**
   * One row a place of the map, of {@value #PLACES}² at most, spread evenly; its class is that of
   * the pixel in the middle of it.
   */
  @Override
  public ClassFeatures features(Tensor features, Tensor labels, int classes) {
    long height = Math.min(PLACES, features.size(2));
    long width = Math.min(PLACES, features.size(3));
    Tensor map = nearest(nearest(features, 2, height), 3, width);
    Tensor rows = map.permute(0, 2, 3, 1).reshape(-1, features.size(1)); // [N·h·w,D]
    Tensor there = nearest(nearest(labels, 1, height), 2, width);
    return ClassFeatures.of(rows, there.reshape(-1), classes);
  }

  /** A map at {@code size} places along a dimension. */
  private static Tensor nearest(Tensor map, int dim, long size) {
    long whole = map.size(dim);
    if (size == whole) {
      return map;
    }
    long[] places = new long[Math.toIntExact(size)];
    Arrays.setAll(places, i -> (long) ((i + .5) * whole / size));
    return map.index_select(dim, Ops.rows(places, map));
  }

  @Override
  public Tensor labelMap(Tensor labels, int classes, long height, long width) {
    Tensor there = nearest(nearest(labels, 1, height), 2, width);
    return Ops.oneHot(there, classes).permute(0, 3, 1, 2); // [N,H,W,K] → [N,K,H,W]
  }

  @Override
  public Tensor predictions(Outputs outputs) {
    return outputs.logits().argmax(new LongOptional(1), false);
  }

  /** The mean over the pixels of the probability of the class. */
  @Override
  public Tensor confidence(Outputs outputs) {
    return Ops.max(outputs.logits().softmax(1), 1).flatten(1, -1).mean(1);
  }

  @Override
  public List<Finding> findings(Tensor predictions) {
    return masks(predictions).stream().<Finding>map(Finding.Regions::new).toList();
  }

  @Override
  public List<Judgement> judge(Tensor predictions, Tensor labels) {
    List<byte[]> predicted = masks(predictions);
    List<byte[]> truth = masks(labels);
    List<Judgement> judged = new ArrayList<>();
    for (int i = 0; i < truth.size(); i++) {
      judged.add(RegionCounts.of(predicted.get(i), truth.get(i), MOST_CLASSES));
    }
    return judged;
  }

  private static List<byte[]> masks(Tensor labels) {
    byte[] all = bytes(labels);
    int images = Math.toIntExact(labels.size(0));
    int pixels = all.length / Math.max(1, images);
    List<byte[]> masks = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      masks.add(Arrays.copyOfRange(all, i * pixels, (i + 1) * pixels));
    }
    return masks;
  }

  private static byte[] bytes(Tensor labels) {
    long[] values = Ops.toLongs(labels);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = values[i] == UNKNOWN ? Annotation.UNKNOWN : (byte) values[i];
    }
    return bytes;
  }

  @Override
  public double score(List<Judgement> images) {
    return images.stream()
        .map(RegionCounts.class::cast)
        .reduce(RegionCounts::plus)
        .map(RegionCounts::meanOverlap)
        .orElse(0.0);
  }

  /** The intersection over union of each class that truth or prediction have. */
  @Override
  public List<ClassScore> byClass(List<Judgement> images) {
    List<RegionCounts> counts = images.stream().map(RegionCounts.class::cast).toList();
    RegionCounts all = counts.stream().reduce(RegionCounts.none(MOST_CLASSES), RegionCounts::plus);
    List<ClassScore> scores = new ArrayList<>();
    for (int label = 0; label < MOST_CLASSES; label++) {
      int k = label;
      long shown = counts.stream().filter(image -> image.truth()[k] > 0).count();
      all.overlap(label).ifPresent(value -> scores.add(new ClassScore(k, value, shown)));
    }
    return scores;
  }
}

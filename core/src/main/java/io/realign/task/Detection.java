package io.realign.task;

import io.realign.data.Batch;
import io.realign.data.Box;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Boxes with classes, from a detector that corrects priors.
 *
 * <p>The labels of a batch are {@code [N,M,6]} fp32: class, left, top, right and bottom edge of the
 * image's side, 1 if difficult; rows with a negative class are padding. M is the number of objects
 * of the batch's fullest image, at least 1.
 *
 * @param priors the boxes that are corrected
 * @param coding how corrections are written
 * @param scores how logits become scores
 * @param suppression what is claimed of what is scored
 * @param precision eleven points, or the area
 */
public record Detection(
    Priors priors,
    BoxCoding coding,
    Scores scores,
    NonMaximumSuppression suppression,
    AveragePrecision precision)
    implements Task {

  /** Values a row of the labels. */
  static final int VALUES = 6;

  private static final float SURE = .5f; // the score of a box that counts as an object

  /** How the logits of a prior become scores of classes. */
  public enum Scores {
    /** Softmax over background and the classes, background first. */
    SOFTMAX,
    /** A sigmoid for each class, background first and unused. */
    SIGMOID
  }

  @Override
  public String name() {
    return "detection";
  }

  @Override
  public String metric() {
    return precision.metric();
  }

  @Override
  public Task measured(AveragePrecision form) {
    return new Detection(priors, coding, scores, suppression, form);
  }

  @Override
  public Labelling labelling() {
    return Labelling.BOXES;
  }

  @Override
  public List<String> classes(Dataset dataset) {
    return dataset.classes();
  }

  @Override
  public Tensor labels(Batch batch) {
    float width = batch.images().size(3);
    float height = batch.images().size(2);
    int most = batch.annotations().stream().mapToInt(known -> known.boxes().size()).max().orElse(0);
    int each = Math.max(1, most);
    float[] rows = new float[batch.size() * each * VALUES];
    Arrays.fill(rows, -1);
    for (int image = 0; image < batch.size(); image++) {
      List<Box> boxes = batch.annotations().get(image).boxes();
      for (int i = 0; i < boxes.size(); i++) {
        Box box = boxes.get(i);
        int at = (image * each + i) * VALUES;
        rows[at] = box.label();
        rows[at + 1] = box.left() / width;
        rows[at + 2] = box.top() / height;
        rows[at + 3] = box.right() / width;
        rows[at + 4] = box.bottom() / height;
        rows[at + 5] = box.difficult() ? 1 : 0;
      }
    }
    return Ops.floats(rows, batch.size(), each, VALUES);
  }

  /**
   * Classification and localisation, as the net was trained; see {@link MultiBoxLoss}. A net with a
   * sigmoid for each class knows the focal loss: after the hard backgrounds of a softmax it would
   * be made surer of everything than it ever was.
   */
  @Override
  public Tensor loss(Outputs outputs, Tensor labels) {
    MultiBoxLoss.Backgrounds backgrounds =
        switch (scores) {
          case SOFTMAX -> MultiBoxLoss.Backgrounds.HARD;
          case SIGMOID -> MultiBoxLoss.Backgrounds.FOCAL;
        };
    MultiBoxLoss.Terms terms = new MultiBoxLoss(this, backgrounds).of(outputs, labels);
    Tensor sum = terms.classification().sum().add(terms.localisation().sum());
    return Ops.scale(sum, 1.0 / terms.objects());
  }

  @Override
  public Tensor losses(Outputs outputs, Tensor labels) {
    Losses parts = parts(outputs, labels);
    return parts.classification().add(parts.localisation());
  }

  /**
   * The two parts of the loss, each summed over the priors of an image.
   *
   * @param classification {@code [N]}
   * @param localisation {@code [N]}
   */
  public record Losses(Tensor classification, Tensor localisation) {}

  /**
   * The two parts of each image's loss with hard backgrounds, whatever the scores: what attacks
   * climb.
   */
  public Losses parts(Outputs outputs, Tensor labels) {
    MultiBoxLoss.Terms terms =
        new MultiBoxLoss(this, MultiBoxLoss.Backgrounds.HARD).of(outputs, labels);
    return new Losses(terms.classification(), terms.localisation());
  }

  @Override
  public Tensor wrong(Outputs outputs, Tensor labels) {
    return outputs.logits().select(2, 0).select(1, 0).detach().clone().zero_();
  }

  /** The backbone's map in the paper and in the release. */
  @Override
  public Tensor aligned(Outputs outputs, boolean logits) {
    return outputs.features();
  }

  /** One row a box: the mean of the map within it, at least the place in its middle. */
  @Override
  public ClassFeatures features(Tensor features, Tensor labels, int classes) {
    int height = Math.toIntExact(features.size(2));
    int width = Math.toIntExact(features.size(3));
    List<List<Box>> truth = boxes(labels);
    TensorVector rows = new TensorVector();
    List<Long> kinds = new ArrayList<>();
    for (int image = 0; image < truth.size(); image++) {
      for (Box box : truth.get(image)) {
        int left = Math.clamp((int) Math.floor(box.left() * width), 0, width - 1);
        int top = Math.clamp((int) Math.floor(box.top() * height), 0, height - 1);
        int right = Math.clamp((int) Math.ceil(box.right() * width), left + 1, width);
        int bottom = Math.clamp((int) Math.ceil(box.bottom() * height), top + 1, height);
        rows.push_back(
            features
                .select(0, image)
                .narrow(1, top, bottom - top)
                .narrow(2, left, right - left)
                .mean(new long[] {1, 2}));
        kinds.add((long) box.label());
      }
    }
    if (kinds.isEmpty()) { // a row that belongs to no class
      Tensor none = features.select(0, 0).mean(new long[] {1, 2}).unsqueeze(0);
      return ClassFeatures.of(none, Ops.rows(new long[] {Segmentation.UNKNOWN}, features), classes);
    }
    long[] labelled = kinds.stream().mapToLong(Long::longValue).toArray();
    return ClassFeatures.of(torch.stack(rows, 0), Ops.rows(labelled, features), classes);
  }

  /** 1 within the boxes of a class. */
  @Override
  public Tensor labelMap(Tensor labels, int classes, long height, long width) {
    int images = Math.toIntExact(labels.size(0));
    int plane = Math.toIntExact(height * width);
    float[] map = new float[images * classes * plane];
    List<List<Box>> truth = boxes(labels);
    for (int image = 0; image < images; image++) {
      for (Box box : truth.get(image)) {
        int first = (image * classes + box.label()) * plane;
        int bottom = (int) Math.min(height, Math.ceil(box.bottom() * height));
        int right = (int) Math.min(width, Math.ceil(box.right() * width));
        int left = (int) Math.max(0, Math.floor(box.left() * width));
        for (int y = (int) Math.max(0, Math.floor(box.top() * height)); y < bottom; y++) {
          Arrays.fill(map, first + y * (int) width + left, first + y * (int) width + right, 1f);
        }
      }
    }
    return Ops.floats(map, images, classes, height, width)
        .to(labels.device(), torch.ScalarType.Float);
  }

  /** The objects of each image of a batch's labels, edges of the image's side. */
  static List<List<Box>> boxes(Tensor labels) {
    float[] rows = Ops.toFloats(labels);
    int images = Math.toIntExact(labels.size(0));
    int each = rows.length / Math.max(1, images);
    List<List<Box>> boxes = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      List<Box> here = new ArrayList<>();
      for (int at = image * each; at < (image + 1) * each; at += VALUES) {
        if (rows[at] >= 0) {
          here.add(
              new Box(
                  (int) rows[at],
                  rows[at + 1],
                  rows[at + 2],
                  rows[at + 3],
                  rows[at + 4],
                  rows[at + 5] > 0));
        }
      }
      boxes.add(here);
    }
    return boxes;
  }

  /**
   * The object that each prior answers for, as an index of its logits; −1 for background.
   *
   * @return {@code [N,P]} int64
   */
  public Tensor answers(Tensor labels) {
    float[] truth = Ops.toFloats(labels);
    int images = Math.toIntExact(labels.size(0));
    int each = truth.length / Math.max(1, images);
    int count = priors.count();
    long[] answers = new long[images * count];
    for (int image = 0; image < images; image++) {
      float[] own = Arrays.copyOfRange(truth, image * each, (image + 1) * each);
      long[] matched = Matching.of(priors, coding, own).labels();
      for (int prior = 0; prior < count; prior++) {
        answers[image * count + prior] = matched[prior] == 0 ? -1 : matched[prior];
      }
    }
    return Ops.longs(answers, images, count).to(labels.device(), torch.ScalarType.Long);
  }

  private Tensor scored(Outputs outputs) {
    return switch (scores) {
      case SOFTMAX -> outputs.logits().softmax(2);
      case SIGMOID -> outputs.logits().sigmoid();
    };
  }

  /** What the detector claims to see in each image, edges of the image's side. */
  public List<List<DetectedBox>> detections(Outputs outputs) {
    Tensor scored = scored(outputs);
    int classes = Math.toIntExact(scored.size(2)) - 1;
    float[] all = Ops.toFloats(scored.narrow(2, 1, classes));
    float[] offsets = Ops.toFloats(outputs.offsets().orElseThrow());
    int images = Math.toIntExact(scored.size(0));
    int count = priors.count();
    List<List<DetectedBox>> found = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      found.add(
          suppression.of(
              priors,
              coding,
              Arrays.copyOfRange(all, image * count * classes, (image + 1) * count * classes),
              Arrays.copyOfRange(
                  offsets, image * count * Priors.VALUES, (image + 1) * count * Priors.VALUES),
              classes));
    }
    return found;
  }

  /** {@code [N,B,6]}: class, left, top, right and bottom edge of the image's side, score. */
  @Override
  public Tensor predictions(Outputs outputs) {
    List<List<DetectedBox>> found = detections(outputs);
    int most = suppression.most();
    float[] rows = new float[found.size() * most * VALUES];
    Arrays.fill(rows, -1);
    for (int image = 0; image < found.size(); image++) {
      for (int i = 0; i < found.get(image).size(); i++) {
        DetectedBox box = found.get(image).get(i);
        int at = (image * most + i) * VALUES;
        rows[at] = box.label();
        rows[at + 1] = box.left();
        rows[at + 2] = box.top();
        rows[at + 3] = box.right();
        rows[at + 4] = box.bottom();
        rows[at + 5] = box.score();
      }
    }
    return Ops.floats(rows, found.size(), most, VALUES);
  }

  /** The boxes with a score of at least .5. */
  @Override
  public Tensor asLabels(Tensor predictions) {
    float[] rows = Ops.toFloats(predictions);
    for (int at = 0; at < rows.length; at += VALUES) {
      if (rows[at + VALUES - 1] < SURE) {
        rows[at] = -1;
      }
      rows[at + VALUES - 1] = 0; // not difficult
    }
    return Ops.floats(rows, Ops.shape(predictions));
  }

  /** The highest score. */
  @Override
  public Tensor confidence(Outputs outputs) {
    Tensor scored = scored(outputs);
    return Ops.max(scored.narrow(2, 1, scored.size(2) - 1).flatten(1, -1), 1);
  }

  @Override
  public List<Finding> findings(Tensor predictions) {
    return claims(predictions).stream().<Finding>map(Finding.Objects::new).toList();
  }

  private static List<List<DetectedBox>> claims(Tensor predictions) {
    float[] rows = Ops.toFloats(predictions);
    int images = Math.toIntExact(predictions.size(0));
    int each = rows.length / Math.max(1, images);
    List<List<DetectedBox>> claims = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      List<DetectedBox> here = new ArrayList<>();
      for (int at = image * each; at < (image + 1) * each; at += VALUES) {
        if (rows[at] >= 0) {
          here.add(
              new DetectedBox(
                  (int) rows[at],
                  rows[at + 5],
                  rows[at + 1],
                  rows[at + 2],
                  rows[at + 3],
                  rows[at + 4]));
        }
      }
      claims.add(here);
    }
    return claims;
  }

  @Override
  public List<Judgement> judge(Tensor predictions, Tensor labels) {
    List<List<DetectedBox>> found = claims(predictions);
    List<List<Box>> truth = boxes(labels);
    List<Judgement> judged = new ArrayList<>();
    for (int image = 0; image < truth.size(); image++) {
      judged.add(new AveragePrecision.Judged(found.get(image), truth.get(image)));
    }
    return judged;
  }

  @Override
  public double score(List<Judgement> images) {
    List<AveragePrecision.Judged> judged =
        images.stream().map(AveragePrecision.Judged.class::cast).toList();
    return precision.mean(judged, AveragePrecision.classes(judged));
  }

  /** The average precision of each class that has objects. */
  @Override
  public List<ClassScore> byClass(List<Judgement> images) {
    List<AveragePrecision.Judged> judged =
        images.stream().map(AveragePrecision.Judged.class::cast).toList();
    List<OptionalDouble> precisions = precision.byClass(judged, AveragePrecision.classes(judged));
    List<ClassScore> scores = new ArrayList<>();
    for (int label = 0; label < precisions.size(); label++) {
      int k = label;
      long shown = judged.stream().filter(image -> image.shows(k)).count();
      precisions.get(label).ifPresent(value -> scores.add(new ClassScore(k, value, shown)));
    }
    return scores;
  }
}

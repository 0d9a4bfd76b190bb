package io.realign.task;

import io.realign.data.Box;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The mean average precision of PASCAL VOC (Everingham et al., 2010, section 4.2; devkit of 2007
 * and 2012).
 *
 * <p>Class by class, detections in falling order of score take the object of their image that they
 * overlap most: at an intersection over union of at least .5 with an object that none took before
 * them they are right, with one that is taken already or at less than .5 they are wrong. Those that
 * take a difficult object count as nothing, nor do difficult objects. A class without detections
 * has an average precision of 0; one without objects has none and is left out of the mean.
 *
 * <p>Edges are continuous: the devkit counts the pixel at the right and lower edge as part of a
 * box, as these boxes do with an edge one past the last pixel.
 */
public enum AveragePrecision {

  /** Precision at eleven recalls from 0 to 1, as in VOC2007. */
  ELEVEN_POINT("mAP (11 points)") {
    @Override
    double of(double[] recall, double[] precision) {
      double sum = 0;
      for (int point = 0; point <= TENTHS; point++) {
        double best = 0;
        for (int i = 0; i < recall.length; i++) {
          if (recall[i] >= point / (double) TENTHS) {
            best = Math.max(best, precision[i]);
          }
        }
        sum += best / (TENTHS + 1);
      }
      return sum;
    }
  },

  /** The area under the curve of falling precision, as from VOC2010 on. */
  AREA("mAP") {
    @Override
    double of(double[] recall, double[] precision) {
      double area = 0;
      double best = 0;
      for (int i = recall.length - 1; i >= 0; i--) {
        best = Math.max(best, precision[i]);
        area += best * (recall[i] - (i == 0 ? 0 : recall[i - 1]));
      }
      return area;
    }
  };

  private static final int TENTHS = 10;
  private static final double LEAST_OVERLAP = .5;

  private final String metric;

  AveragePrecision(String metric) {
    this.metric = metric;
  }

  /** Its name in results: figures of the two forms do not compare. */
  public String metric() {
    return metric;
  }

  /** The form that a data set's own benchmark has, by the data set's name. */
  public static AveragePrecision of(String dataset) {
    return switch (dataset) {
      case "voc2007", "voc0712" -> ELEVEN_POINT;
      default -> AREA;
    };
  }

  /**
   * An image as the metric sees it.
   *
   * @param detected what the detector claims
   * @param truth what is there
   */
  public record Judged(List<DetectedBox> detected, List<Box> truth) implements Judgement {

    /** Copies the lists. */
    public Judged {
      detected = List.copyOf(detected);
      truth = List.copyOf(truth);
    }

    /** Whether an object of a class is there that counts. */
    boolean shows(int label) {
      return truth.stream().anyMatch(box -> box.label() == label && !box.difficult());
    }

    /** The area form over this image's classes. */
    @Override
    public double value() {
      return AREA.mean(List.of(this), classes(List.of(this)));
    }
  }

  /** As many classes as the objects are of. */
  static int classes(List<Judged> images) {
    return images.stream()
        .flatMap(image -> image.truth.stream())
        .mapToInt(box -> box.label() + 1)
        .max()
        .orElse(0);
  }

  abstract double of(double[] recall, double[] precision);

  /** The mean over the classes that have objects, in [0,1]; 0 where none has. */
  public double mean(List<Judged> images, int classes) {
    return byClass(images, classes).stream()
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .average()
        .orElse(0);
  }

  /** The average precision of each class; empty for one without objects that count. */
  public List<OptionalDouble> byClass(List<Judged> images, int classes) {
    List<OptionalDouble> found = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      found.add(of(images, label));
    }
    return found;
  }

  private record Claim(int image, DetectedBox box) {}

  private OptionalDouble of(List<Judged> images, int label) {
    List<Claim> claims = new ArrayList<>();
    List<List<Box>> truths = new ArrayList<>();
    int objects = 0;
    for (int image = 0; image < images.size(); image++) {
      Judged judged = images.get(image);
      List<Box> here = judged.truth.stream().filter(box -> box.label() == label).toList();
      objects += (int) here.stream().filter(box -> !box.difficult()).count();
      truths.add(here);
      for (DetectedBox box : judged.detected) {
        if (box.label() == label) {
          claims.add(new Claim(image, box));
        }
      }
    }
    if (objects == 0) {
      return OptionalDouble.empty();
    }
    claims.sort(Comparator.comparingDouble((Claim claim) -> claim.box.score()).reversed());
    boolean[][] taken = new boolean[images.size()][];
    Arrays.setAll(taken, image -> new boolean[truths.get(image).size()]);
    double[] recall = new double[claims.size()];
    double[] precision = new double[claims.size()];
    int counted = 0;
    int right = 0;
    for (Claim claim : claims) {
      List<Box> here = truths.get(claim.image);
      int nearest = nearest(claim.box, here);
      if (nearest >= 0 && here.get(nearest).difficult()) {
        continue;
      }
      if (nearest >= 0 && !taken[claim.image][nearest]) {
        taken[claim.image][nearest] = true;
        right++;
      }
      recall[counted] = (double) right / objects;
      precision[counted] = (double) right / (counted + 1);
      counted++;
    }
    return OptionalDouble.of(of(Arrays.copyOf(recall, counted), Arrays.copyOf(precision, counted)));
  }

  /** The object that the box overlaps most, if that is enough; else −1. */
  private static int nearest(DetectedBox claim, List<Box> truth) {
    int nearest = -1;
    double most = -1;
    for (int i = 0; i < truth.size(); i++) {
      Box box = truth.get(i);
      double overlap = claim.overlap(box.left(), box.top(), box.right(), box.bottom());
      if (overlap > most) {
        most = overlap;
        nearest = i;
      }
    }
    return most >= LEAST_OVERLAP ? nearest : -1;
  }
}

package io.realign.data;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Larger objects and parts of objects: a crop that overlaps an object by a minimum (Liu et al.,
 * 2016, arXiv 1512.02325, sec. 2.2, as their released code draws it).
 *
 * <p>Each image draws one of the minima, or to stay whole; where no trial finds a crop, it draws
 * again among the others. The overlap is the area of the crop and the object's box in common over
 * that of both together. Boxes whose centre lies in the crop are kept, cut at its edges. A crop
 * that would keep none is not taken (the released code takes it); images without boxes stay whole.
 *
 * @param overlaps the minima, each in [0,1); 0 is any crop
 * @param smallest least size: the square root of the share of the area, in (0,1]
 * @param aspect largest ratio of the crop's sides, each as a share of the image's, at least 1
 * @param trials crops to try for a minimum, at least 1
 */
public record OverlapCrop(List<Double> overlaps, double smallest, double aspect, int trials) {

  /** Copies the list and checks the ranges. */
  public OverlapCrop {
    overlaps = List.copyOf(overlaps);
    if (!overlaps.stream().allMatch(overlap -> overlap >= 0 && overlap < 1)
        || !(smallest > 0 && smallest <= 1)
        || !(aspect >= 1 && aspect < 100)
        || trials < 1) {
      throw new IllegalArgumentException(
          "crops with overlaps %s, of size %s, aspect ratio %s and %d trials"
              .formatted(overlaps, smallest, aspect, trials));
    }
  }

  /** The published one: .1, .3, .5, .7, .9 or any; size from .3, aspect ratio to 2, 50 trials. */
  public static OverlapCrop standard() {
    return new OverlapCrop(List.of(.1, .3, .5, .7, .9, 0.), .3, 2, 50);
  }

  /**
   * The crop, within an image of {@code height} × {@code width} pixels that shows {@code boxes}.
   */
  Window draw(SplittableRandom random, List<Box> boxes, int height, int width) {
    List<Double> left = new ArrayList<>(overlaps);
    while (!boxes.isEmpty()) {
      int drawn = random.nextInt(left.size() + 1);
      if (drawn == left.size()) {
        break;
      }
      double least = left.remove(drawn);
      for (int trial = 0; trial < trials; trial++) {
        Window window = draw(random, height, width);
        if (boxes.stream()
            .anyMatch(box -> window.holdsCentre(box) && overlap(window, box) >= least)) {
          return window;
        }
      }
    }
    return new Window(0, 0, height, width);
  }

  private Window draw(SplittableRandom random, int height, int width) {
    double size = between(random, smallest, 1);
    double ratio = // such that neither side is longer than the image's
        between(random, Math.max(1 / aspect, size * size), Math.min(aspect, 1 / (size * size)));
    int rows = Math.clamp(Math.round(size / Math.sqrt(ratio) * height), 1, height);
    int columns = Math.clamp(Math.round(size * Math.sqrt(ratio) * width), 1, width);
    int top = random.nextInt(height - rows + 1);
    return new Window(random.nextInt(width - columns + 1), top, rows, columns);
  }

  private static double between(SplittableRandom random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** |A ∩ B| / |A ∪ B|. */
  private static double overlap(Window window, Box box) {
    double shared = window.cut(box).area();
    return shared / ((double) window.height() * window.width() + box.area() - shared);
  }
}

package io.realign.task;

import java.util.ArrayList;
import java.util.List;

/**
 * The boxes that a single-shot detector corrects (Liu et al., 2016, arXiv 1512.02325, section 2.2):
 * at each place of each map a square of the level's size, one of the geometric mean with the next
 * level's, and two for each ratio, upright and lying.
 *
 * @param boxes {@code 4·P} centre x, centre y, width, height, of the image's side
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Priors(float[] boxes) {

  /** Values of a prior: centre x, centre y, width, height. */
  static final int VALUES = 4;

  /**
   * A map of a detector.
   *
   * @param side places across and down
   * @param step pixels of the image between two places
   * @param smallest side of the small square, in pixels
   * @param largest the next level's: the second square has √(smallest·largest)
   * @param ratios of width to height; each gives two boxes
   */
  public record Level(int side, int step, double smallest, double largest, List<Integer> ratios) {

    /** Boxes at each place. */
    public int boxes() {
      return 2 + 2 * ratios.size();
    }
  }

  private static final double[] VOC = {30, 60, 111, 162, 213, 264, 315};
  private static final double[] TORCHVISION = {21, 45, 99, 153, 207, 261, 315};

  /** The levels of SSD300 as trained on VOC: 8,732 boxes. */
  public static List<Level> ssd300() {
    return levels(List.of(1, 2, 2, 2, 1, 1), VOC);
  }

  /**
   * The levels of torchvision's SSD300: as many boxes of other sizes, as the paper has for COCO.
   */
  public static List<Level> torchvisionSsd300() {
    return levels(List.of(1, 2, 2, 2, 1, 1), TORCHVISION);
  }

  /** The levels of RFBNet300 as trained on VOC: 11,620 boxes. */
  public static List<Level> rfb300() {
    return levels(List.of(2, 2, 2, 2, 1, 1), VOC);
  }

  /** The published maps and steps. */
  private static List<Level> levels(List<Integer> ratios, double[] sizes) {
    int[] sides = {38, 19, 10, 5, 3, 1};
    int[] steps = {8, 16, 32, 64, 100, 300};
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < sides.length; i++) {
      List<Integer> all = List.of(2, 3);
      levels.add(
          new Level(sides[i], steps[i], sizes[i], sizes[i + 1], all.subList(0, ratios.get(i))));
    }
    return levels;
  }

  /** Which of a box's values are cut to [0,1]; none of the two cuts the box at the frame. */
  public enum Cut {
    /** Centres and sizes, as published: a map's last place may lie past the edge. */
    ALL,
    /** Sizes, as torchvision does. */
    SIZES
  }

  /** The boxes of some levels, cut as published; see {@link #of(List, int, Cut)}. */
  public static Priors of(List<Level> levels, int side) {
    return of(levels, side, Cut.ALL);
  }

  /**
   * The boxes of some levels, level by level, row by row, as the heads give them.
   *
   * @param side of the image, in pixels
   */
  public static Priors of(List<Level> levels, int side, Cut cut) {
    List<float[]> boxes = new ArrayList<>();
    for (Level level : levels) {
      double places = (double) side / level.step;
      double small = level.smallest / side;
      double between = Math.sqrt(level.smallest * level.largest) / side;
      for (int row = 0; row < level.side; row++) {
        for (int column = 0; column < level.side; column++) {
          double x = centre((column + .5) / places, cut);
          double y = centre((row + .5) / places, cut);
          boxes.add(box(x, y, small, small));
          boxes.add(box(x, y, between, between));
          for (int ratio : level.ratios) {
            double root = Math.sqrt(ratio);
            boxes.add(box(x, y, small * root, small / root));
            boxes.add(box(x, y, small / root, small * root));
          }
        }
      }
    }
    float[] all = new float[VALUES * boxes.size()];
    for (int i = 0; i < boxes.size(); i++) {
      System.arraycopy(boxes.get(i), 0, all, VALUES * i, VALUES);
    }
    return new Priors(all);
  }

  private static double centre(double value, Cut cut) {
    return switch (cut) {
      case ALL -> Math.clamp(value, 0.0, 1.0);
      case SIZES -> value;
    };
  }

  private static float[] box(double x, double y, double width, double height) {
    return new float[] {
      (float) x, (float) y, (float) Math.min(width, 1), (float) Math.min(height, 1)
    };
  }

  /** The number of boxes, P. */
  public int count() {
    return boxes.length / VALUES;
  }

  float left(int prior) {
    return boxes[VALUES * prior] - boxes[VALUES * prior + 2] / 2;
  }

  float top(int prior) {
    return boxes[VALUES * prior + 1] - boxes[VALUES * prior + 3] / 2;
  }

  float right(int prior) {
    return boxes[VALUES * prior] + boxes[VALUES * prior + 2] / 2;
  }

  float bottom(int prior) {
    return boxes[VALUES * prior + 1] + boxes[VALUES * prior + 3] / 2;
  }
}

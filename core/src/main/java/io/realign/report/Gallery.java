package io.realign.report;

import io.realign.io.Pixels;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Example images, attacked and repaired (figures 4 and 7 of the paper).
 *
 * @param caption attack and threat that made them, such as {@code PGD, ε 0.031, oblivious}
 * @param rows up to {@value #MOST} are shown
 */
public record Gallery(String caption, List<Row> rows) {

  /** Rows that a report shows at most. */
  public static final int MOST = 16;

  /** Copies the list and checks that the images of a row are of one size. */
  public Gallery {
    rows = List.copyOf(rows);
    for (Row row : rows) {
      for (Shot shot : row.shots()) {
        if (shot.image().height() != row.clean().image().height()
            || shot.image().width() != row.clean().image().width()) {
          throw new IllegalArgumentException("the images of a gallery row differ in size");
        }
      }
    }
  }

  /**
   * One image in up to four states.
   *
   * @param truth name of its class, or of its classes
   * @param drawn the image with the true regions or boxes; empty for one class
   * @param clean x_c
   * @param attacked x_a
   * @param repaired x̂_a; empty without a defense
   * @param repairedClean x̂_c, if it is to be shown
   */
  public record Row(
      String truth,
      Optional<Drawing> drawn,
      Shot clean,
      Shot attacked,
      Optional<Shot> repaired,
      Optional<Shot> repairedClean) {

    /** One class. */
    public Row(
        String truth,
        Shot clean,
        Shot attacked,
        Optional<Shot> repaired,
        Optional<Shot> repairedClean) {
      this(truth, Optional.empty(), clean, attacked, repaired, repairedClean);
    }

    List<Shot> shots() {
      List<Shot> shots = new ArrayList<>(List.of(clean, attacked));
      repaired.ifPresent(shots::add);
      repairedClean.ifPresent(shots::add);
      return shots;
    }
  }

  /**
   * An image and what the target makes of it.
   *
   * @param drawn the image with the regions or boxes that it sees; empty for one class
   * @param prediction name of the class, or of the metric
   * @param score probability of the class, or the metric of this image, in [0,1]
   * @param correct whether it is the true class, or the metric at least one half
   */
  public record Shot(
      Pixels image, Optional<Drawing> drawn, String prediction, double score, boolean correct) {

    /** One class. */
    public Shot(Pixels image, String prediction, double score, boolean correct) {
      this(image, Optional.empty(), prediction, score, correct);
    }

    Pixels shown() {
      return drawn.map(Drawing::image).orElse(image);
    }
  }

  /**
   * An image with regions or boxes on it.
   *
   * @param key what its colours stand for
   */
  public record Drawing(Pixels image, List<Key> key) {

    /** Copies the list. */
    public Drawing {
      key = List.copyOf(key);
    }
  }

  /**
   * What a colour stands for.
   *
   * @param label of the class; 255 for what is unknown
   * @param name of the class
   * @param colour empty where the image is left bare
   */
  public record Key(int label, String name, Optional<Color> colour) {}
}

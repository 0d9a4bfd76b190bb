package io.realign.report;

import io.realign.io.Pixels;
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
   * @param truth name of its class
   * @param clean x_c
   * @param attacked x_a
   * @param repaired x̂_a; empty without a defense
   * @param repairedClean x̂_c, if it is to be shown
   */
  public record Row(
      String truth,
      Shot clean,
      Shot attacked,
      Optional<Shot> repaired,
      Optional<Shot> repairedClean) {

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
   * @param prediction name of the class
   * @param score probability of it, in [0,1]
   * @param correct whether it is the true class
   */
  public record Shot(Pixels image, String prediction, double score, boolean correct) {}
}

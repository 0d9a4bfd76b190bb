package io.realign.target;

import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A kind of net that can be named on a command line. {@link Architectures} knows them all.
 *
 * @param name the name: {@code wrn-28-10}
 * @param imageSize height and width of the images it is meant for
 * @param anySize whether it also takes images of another size
 * @param classes the classes it has unless told otherwise
 * @param normalisation what it does to images before its first layer
 * @param scored where the number of classes shows
 * @param body declares the layers
 * @param naming turns the names in published weight files into those of the layers
 * @param labelling what it is trained on
 * @param apart what tells it from other architectures with tensors of the same names and shapes, in
 *     a few words; empty where there are none
 */
public record Architecture(
    String name,
    int imageSize,
    boolean anySize,
    int classes,
    Normalisation normalisation,
    Scored scored,
    Body body,
    UnaryOperator<StateDict> naming,
    Labelling labelling,
    String apart) {

  /** A classifier. */
  public Architecture(
      String name,
      int imageSize,
      boolean anySize,
      int classes,
      Normalisation normalisation,
      Scored scored,
      Body body,
      UnaryOperator<StateDict> naming) {
    this(
        name,
        imageSize,
        anySize,
        classes,
        normalisation,
        scored,
        body,
        naming,
        Labelling.CLASSES,
        "");
  }

  private static final int SMALLEST_IMAGE = 8;
  private static final int MOST_CLASSES = 1 << 20; // a file that claims more fits nothing

  /** Where the number of classes shows in the shapes of weights. */
  public sealed interface Scored {

    /** The rows of a layer are the classes. */
    record Rows(String layer) implements Scored {}

    /**
     * Of a detector's map: a row for background and each class, for each of its boxes.
     *
     * @param boxes at each place
     */
    record Boxes(String layer, int boxes) implements Scored {}

    /** The net's classes never change. */
    record Fixed() implements Scored {}
  }

  /** Declares the layers of a net. */
  @FunctionalInterface
  public interface Body {

    /** A net of {@code classes} classes whose tensors are declared in {@code p}. */
    Net build(Params p, int classes);
  }

  /**
   * The same for images of another size.
   *
   * @throws InputException if it takes no such images
   */
  public Architecture forImages(int size) {
    if (size != imageSize && (!anySize || size < SMALLEST_IMAGE)) {
      throw new InputException(
          "%s takes images of %s, not %d"
              .formatted(
                  name,
                  anySize ? "at least " + SMALLEST_IMAGE + " pixels" : imageSize + " pixels",
                  size));
    }
    return new Architecture(
        name, size, anySize, classes, normalisation, scored, body, naming, labelling, apart);
  }

  /**
   * The same for images of {@code size} that the net sees resized to {@code seen}; see {@link
   * ResizingNet}. Images of any size will do.
   *
   * @throws InputException if it takes no images of {@code seen}, or {@code size} is too small
   */
  public Architecture seeing(int size, int seen) {
    Architecture at = forImages(seen);
    if (size < SMALLEST_IMAGE) {
      throw new InputException(
          "%s takes images of at least %d pixels, not %d".formatted(name, SMALLEST_IMAGE, size));
    }
    return new Architecture(
        name,
        size,
        true,
        classes,
        normalisation,
        scored,
        (p, count) -> new ResizingNet(at.body.build(p, count), seen),
        naming,
        labelling,
        apart);
  }

  /** The same with another normalisation. */
  public Architecture normalisedBy(Normalisation other) {
    return new Architecture(
        name, imageSize, anySize, classes, other, scored, body, naming, labelling, apart);
  }

  /** The number of classes that {@code weights} are for; this net's own if they do not tell. */
  int classesOf(StateDict weights) {
    return switch (scored) {
      case Scored.Rows rows -> rows(weights, rows.layer()).orElse(classes);
      case Scored.Boxes of ->
          rows(weights, of.layer()).map(rows -> Math.max(1, rows / of.boxes() - 1)).orElse(classes);
      case Scored.Fixed none -> classes;
    };
  }

  private static Optional<Integer> rows(StateDict weights, String layer) {
    String key = layer + ".weight";
    if (!weights.has(key) || weights.get(key).dim() == 0) {
      return Optional.empty();
    }
    return Optional.of((int) Math.min(MOST_CLASSES, weights.get(key).size(0)));
  }
}

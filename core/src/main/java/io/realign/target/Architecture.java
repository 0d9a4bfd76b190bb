package io.realign.target;

import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A kind of net that can be named on a command line. {@link Architectures} knows them all.
 *
 * @param name the name: {@code wrn-28-10}
 * @param imageSize height and width of the images it is meant for
 * @param anySize whether it also takes images of another size
 * @param classes the classes it has unless told otherwise
 * @param normalisation what it does to images before its first layer
 * @param lastLayer the name of the layer that gives the logits, a row for each class; empty where
 *     several do
 * @param body declares the layers
 * @param naming turns the names in published weight files into those of the layers
 * @param labelling what it is trained on
 */
public record Architecture(
    String name,
    int imageSize,
    boolean anySize,
    int classes,
    Normalisation normalisation,
    String lastLayer,
    Body body,
    UnaryOperator<StateDict> naming,
    Labelling labelling) {

  /** A classifier. */
  public Architecture(
      String name,
      int imageSize,
      boolean anySize,
      int classes,
      Normalisation normalisation,
      String lastLayer,
      Body body,
      UnaryOperator<StateDict> naming) {
    this(
        name,
        imageSize,
        anySize,
        classes,
        normalisation,
        lastLayer,
        body,
        naming,
        Labelling.CLASSES);
  }

  private static final int SMALLEST_IMAGE = 8;

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
        name, size, anySize, classes, normalisation, lastLayer, body, naming, labelling);
  }

  /** The same with another normalisation. */
  public Architecture normalisedBy(Normalisation other) {
    return new Architecture(
        name, imageSize, anySize, classes, other, lastLayer, body, naming, labelling);
  }

  /** The number of classes that {@code weights} are for; this net's own if they do not tell. */
  int classesOf(StateDict weights) {
    String key = lastLayer + ".weight";
    if (!weights.has(key)) {
      return classes;
    }
    Tensor weight = weights.get(key);
    return weight.dim() == 0 ? classes : Math.toIntExact(weight.size(0));
  }
}

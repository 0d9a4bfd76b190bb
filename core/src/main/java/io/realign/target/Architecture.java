package io.realign.target;

import io.realign.io.InputException;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * A kind of net that can be named on a command line.
 *
 * @param name the name: {@code wrn-28-10}
 * @param imageSize the images it is meant for, unless its weight file says otherwise
 * @param classes the classes it is made for, unless its weight file has another count
 * @param normalisation what it does to images, unless its weight file says otherwise
 * @param lastLayer the name of the linear layer that gives the logits
 * @param body declares the layers
 * @param naming turns the names in published weight files into those of the layers
 */
public record Architecture(
    String name,
    int imageSize,
    int classes,
    Normalisation normalisation,
    String lastLayer,
    Body body,
    UnaryOperator<StateDict> naming) {

  /** Declares the layers of a net. */
  @FunctionalInterface
  public interface Body {

    /** A net of {@code classes} classes whose tensors are declared in {@code p}. */
    Classifier build(Params p, int classes);
  }

  /** The same for images of another size. */
  public Architecture forImages(int size) {
    if (size < 8) {
      throw new InputException("image size must be at least 8, not " + size);
    }
    return new Architecture(name, size, classes, normalisation, lastLayer, body, naming);
  }

  /** The same with another normalisation. */
  public Architecture normalisedBy(Normalisation other) {
    return new Architecture(name, imageSize, classes, other, lastLayer, body, naming);
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

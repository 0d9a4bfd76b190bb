package io.realign.target;

import io.realign.io.InputException;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.util.Map;

/** Makes targets from weights. */
public final class Targets {

  /** The key of the metadata of a weight file that holds {@link Normalisation#text}. */
  public static final String NORMALISATION = "normalisation";

  /** The key of the metadata of a weight file that holds the image size in pixels. */
  public static final String IMAGE_SIZE = "image_size";

  private Targets() {}

  /**
   * A target of {@code architecture} with {@code weights}; the class count follows from the shapes,
   * image size and normalisation from the metadata, where it has them.
   *
   * @param metadata of the weight file
   * @param origin what the weights are, for errors: a file name
   * @throws io.realign.nn.StateDictMismatch if the weights belong to another net
   */
  public static Target of(
      Architecture architecture,
      StateDict weights,
      Map<String, String> metadata,
      String origin,
      Compute compute) {
    StateDict named = architecture.naming().apply(weights);
    int classes = architecture.classesOf(named);
    Params params = Params.create(Seed.of(0), compute);
    Classifier net = architecture.body().build(params, classes);
    params.dict().load(named, origin);
    params.freeze();
    return new FrozenClassifier(
        architecture.name(),
        classes,
        imageSize(architecture, metadata, origin),
        normalisation(architecture, metadata, origin).layer(compute),
        net);
  }

  private static int imageSize(
      Architecture architecture, Map<String, String> metadata, String origin) {
    String text = metadata.get(IMAGE_SIZE);
    if (text == null) {
      return architecture.imageSize();
    }
    try {
      return architecture.forImages(Integer.parseInt(text)).imageSize();
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s: metadata '%s' is '%s', not an image size".formatted(origin, IMAGE_SIZE, text), e);
    }
  }

  private static Normalisation normalisation(
      Architecture architecture, Map<String, String> metadata, String origin) {
    String text = metadata.get(NORMALISATION);
    if (text == null) {
      return architecture.normalisation();
    }
    try {
      return Normalisation.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InputException(origin + ": " + e.getMessage(), e);
    }
  }
}

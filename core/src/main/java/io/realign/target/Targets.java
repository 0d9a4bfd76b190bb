package io.realign.target;

import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.io.Weights;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes targets from weights, and nets that have yet to become targets. */
public final class Targets {

  /** The key of a weight file's metadata for {@link Architecture#name}. */
  public static final String ARCHITECTURE = "architecture";

  /** The key of a weight file's metadata for the number of classes. */
  public static final String CLASSES = "classes";

  /** The key of a weight file's metadata for the image size in pixels. */
  public static final String IMAGE_SIZE = "image_size";

  /** The key of a weight file's metadata for {@link Normalisation#text}. */
  public static final String NORMALISATION = "normalisation";

  private static final String DATA_PARALLEL = "module.";
  private static final String STEPS_SEEN = ".num_batches_tracked";

  private Targets() {}

  /**
   * A target of weights; see {@link #load(TargetName, Trust, Compute)}.
   *
   * @param archAtFile {@code ARCH@FILE}, such as {@code cifar-resnet20@resnet20.safetensors}
   */
  public static Target load(String archAtFile, Compute compute) {
    return load(new TargetName(archAtFile), Trust.DATA_ONLY, compute);
  }

  /**
   * A target as the command line names it.
   *
   * @param trust whether a TorchScript program may run
   * @throws InputException for an unknown architecture, a file that is missing or not sound, a
   *     description that does not fit its program, and for a program without trust
   * @throws io.realign.nn.StateDictMismatch if the file holds the weights of another net
   */
  public static Target load(TargetName target, Trust trust, Compute compute) {
    if (target.isScript()) {
      return script(target, trust, compute);
    }
    String name = target.architecture();
    Path file = target.file();
    Map<String, String> metadata = new HashMap<>(Weights.metadata(file));
    Architecture architecture = Architectures.sized(name);
    if (name.indexOf(':') >= 0) {
      metadata.remove(IMAGE_SIZE);
    }
    return of(architecture, Weights.read(file), metadata, file.toString(), compute);
  }

  private static Target script(TargetName target, Trust trust, Compute compute) {
    ScriptConfig config = ScriptConfig.read(target.file());
    if (trust != Trust.SCRIPTS) {
      throw new InputException(
          "%s names a TorchScript file, which is a program: --trust-script lets %s run, if you trust whoever made it"
              .formatted(target.file(), config.file().getFileName()));
    }
    return ScriptTarget.load(config, target.file().toString(), compute);
  }

  /**
   * A target of {@code architecture} with {@code weights}; the class count follows from the shapes,
   * image size and normalisation from the metadata, where it has them.
   *
   * @param metadata of the weight file
   * @param origin what the weights are, for errors: a file name
   * @throws InputException if the metadata name another architecture that is known here, or do not
   *     fit the tensors
   * @throws io.realign.nn.StateDictMismatch if the weights belong to another net
   */
  public static Target of(
      Architecture architecture,
      StateDict weights,
      Map<String, String> metadata,
      String origin,
      Compute compute) {
    List<String> notes = otherName(architecture, metadata, origin);
    StateDict named = architecture.naming().apply(withoutLeftovers(weights));
    int classes = classes(architecture.classesOf(named), metadata, origin);
    Params params = Params.blankFor(named, origin, compute);
    Net net = architecture.body().build(params, classes);
    params.dict().load(named, origin);
    params.freeze();
    Normalisation normalisation = normalisation(architecture, metadata, origin);
    return new FrozenTarget(
        architecture,
        classes,
        imageSize(architecture, metadata, origin),
        normalisation,
        normalisation.layer(compute),
        net,
        params.dict(),
        notes);
  }

  /**
   * A net to train.
   *
   * @param classes 2 or more, of a detector 1 or more
   * @param seed of the first weights
   */
  public static TrainableTarget trainable(
      Architecture architecture, int classes, Seed seed, Compute compute) {
    int least = architecture.labelling() == Labelling.BOXES ? 1 : 2; // beside the background
    if (classes < least) {
      throw new InputException(
          "%s has at least %d classes, not %d".formatted(architecture.name(), least, classes));
    }
    return new TrainableTarget(architecture, classes, seed, compute);
  }

  /** The same by the architecture's name, for images of its own size. */
  public static TrainableTarget trainable(
      String architecture, int classes, Seed seed, Compute compute) {
    return trainable(Architectures.of(architecture), classes, seed, compute);
  }

  /** Without what PyTorch's training leaves in files: a prefix to all names, counters of steps. */
  static StateDict withoutLeftovers(StateDict weights) {
    boolean prefixed = weights.names().stream().allMatch(name -> name.startsWith(DATA_PARALLEL));
    StateDict kept = new StateDict();
    weights.entries().stream()
        .filter(entry -> !entry.getKey().endsWith(STEPS_SEEN))
        .forEach(
            entry ->
                kept.put(
                    entry.getKey().substring(prefixed ? DATA_PARALLEL.length() : 0),
                    entry.getValue()));
    return kept;
  }

  /**
   * What to tell of a name in the metadata that is none of ours. Another of ours is refused: where
   * shapes are the same, its weights would load and make another net.
   */
  private static List<String> otherName(
      Architecture architecture, Map<String, String> metadata, String origin) {
    String text = metadata.getOrDefault(ARCHITECTURE, architecture.name());
    if (text.equals(architecture.name())) {
      return List.of();
    }
    if (Architectures.knows(text)) {
      throw new InputException(
          "%s holds a %s, as its metadata say, no %s: --target %s@%s"
              .formatted(origin, text, architecture.name(), text, origin));
    }
    return List.of(
        "%s calls itself '%s' in its metadata, which is unknown here; it is read as %s"
            .formatted(origin, text, architecture.name()));
  }

  /** Those of the shapes; the metadata must not say otherwise. */
  private static int classes(int shown, Map<String, String> metadata, String origin) {
    String text = metadata.getOrDefault(CLASSES, Integer.toString(shown));
    if (!text.equals(Integer.toString(shown))) {
      throw new InputException(
          "%s: metadata '%s' is '%s', but its tensors are of %d classes"
              .formatted(origin, CLASSES, text, shown));
    }
    return shown;
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
          "%s: metadata '%s' is '%s', no image size of %s"
              .formatted(origin, IMAGE_SIZE, text, architecture.name()),
          e);
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

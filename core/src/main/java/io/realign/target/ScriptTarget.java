package io.realign.target;

import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.io.ScriptArchive;
import io.realign.nn.Layer;
import io.realign.task.Classification;
import io.realign.task.Detection;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Script;
import io.realign.torch.ScriptFailure;
import io.realign.torch.ScriptValue;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A net that somebody else wrote, as a TorchScript program; {@link ScriptConfig} says what its
 * outputs are.
 *
 * <p>Its operators run one by one in the precision of the caller: under {@link
 * io.realign.torch.Autocast} its convolutions and matrix products run in bfloat16 as those of every
 * other target do.
 */
final class ScriptTarget implements Target {

  private static final long ANY = -1;
  private static final int ODD_MORE = 5; // pixels, of a side that is even as a rule
  private static final int EVEN_MORE = 2;
  private static final int PROBES = 2; // a program may take but the batch that it was traced with

  private final ScriptConfig config;
  private final Script script;
  private final Layer normalise;
  private final Compute compute;
  private final Task task;
  private final Optional<PriorGrid> grid;

  private ScriptTarget(ScriptConfig config, Script script, Layer normalise, Compute compute) {
    this.config = config;
    this.script = script;
    this.normalise = normalise;
    this.compute = compute;
    this.task = described();
    this.grid =
        task instanceof Detection detection && config.features().isEmpty()
            ? Optional.of(PriorGrid.of(detection.priors(), compute))
            : Optional.empty();
  }

  /**
   * Loads the program and tries it on two grey images.
   *
   * @param origin of the description, for errors
   * @throws InputException in one line, if the program cannot be loaded or is not as described
   */
  static ScriptTarget load(ScriptConfig config, String origin, Compute compute) {
    for (var file : config.files()) {
      if (!Files.isRegularFile(file)) {
        throw new InputException("%s names %s: no such file".formatted(origin, file));
      }
    }
    ScriptArchive.read(config.file()); // libtorch's own words for another file are no help
    Layer normalise = config.normalisation().layer(compute); // belongs to no scope
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Script script = Script.load(config.file(), compute);
      ScriptTarget target = new ScriptTarget(config, script, normalise, compute);
      target.forward(target.probe());
      return target;
    } catch (InputException e) {
      throw e;
    } catch (ScriptFailure e) {
      throw new InputException(String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new InputException(origin + ": " + e.getMessage(), e);
    }
  }

  private Tensor probe() {
    return probe(config.imageSize(), config.imageSize());
  }

  private Tensor probe(int height, int width) {
    return compute.place(torch.full(new long[] {PROBES, 3, height, width}, new Scalar(.5)));
  }

  private Task described() {
    return switch (config.labelling()) {
      case CLASSES -> new Classification();
      case MASKS -> new Segmentation();
      case BOXES -> {
        Tensor normalised = normalise.forward(probe());
        yield config
            .boxes()
            .orElseThrow()
            .task(
                script,
                path -> path.tensorIn(script.call(path.method(), normalised)),
                config.imageSize());
      }
    };
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public int classes() {
    return config.classes().size();
  }

  @Override
  public List<String> classNames() {
    return config.classes();
  }

  @Override
  public int imageSize() {
    return config.imageSize();
  }

  /** Whether it answers for a size that nobody can have thought of; detectors have their priors. */
  @Override
  public boolean anySize() {
    if (config.labelling() == Labelling.BOXES) {
      return false;
    }
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      forward(probe(config.imageSize() + ODD_MORE, config.imageSize() + EVEN_MORE));
      return true;
    } catch (ScriptFailure | IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public Optional<Script> script() {
    return Optional.of(script);
  }

  @Override
  public List<String> notes() {
    return config.features().isPresent()
        ? List.of()
        : List.of(
            config.name()
                + " has no 'features': distributions are aligned in the logits"
                + (config.labelling() == Labelling.BOXES ? ", averaged over a grid" : ""));
  }

  @Override
  public Outputs forward(Tensor images) {
    Map<String, ScriptValue> results = new HashMap<>();
    Tensor normalised = normalise.forward(images);
    return switch (config.labelling()) {
      case CLASSES -> classification(normalised, results);
      case MASKS -> segmentation(normalised, results);
      case BOXES -> detection(normalised, results, config.boxes().orElseThrow());
    };
  }

  private Outputs classification(Tensor x, Map<String, ScriptValue> results) {
    Tensor logits = tensor("logits", config.logits(), x, results);
    check("logits", config.logits(), logits, x.size(0), classes());
    if (config.features().isEmpty()) {
      return new Outputs(logits, logits);
    }
    ScriptPath path = config.features().get();
    Tensor features = tensor("features", path, x, results);
    if (features.dim() == 4) {
      features = Ops.globalAvgPool(features);
    }
    check("features", path, features, x.size(0), ANY);
    return new Outputs(logits, features);
  }

  private Outputs segmentation(Tensor x, Map<String, ScriptValue> results) {
    Tensor logits = tensor("logits", config.logits(), x, results);
    check("logits", config.logits(), logits, x.size(0), classes(), ANY, ANY);
    Tensor features = config.features().map(path -> map(path, x, results)).orElse(logits);
    return new Outputs(Ops.resizeLike(logits, x), features);
  }

  private Outputs detection(Tensor x, Map<String, ScriptValue> results, ScriptBoxes boxes) {
    int scores = boxes.background() == ScriptBoxes.Background.NONE ? classes() : classes() + 1;
    Detection detection = (Detection) task;
    int priors = detection.priors().count();
    Tensor raw = boxes.rows("logits", config.logits(), value(config.logits(), x, results), scores);
    check("logits", config.logits(), raw, x.size(0), priors, scores);
    Tensor offsets =
        boxes.rows("boxes.offsets", boxes.offsets(), value(boxes.offsets(), x, results), 4);
    check("boxes.offsets", boxes.offsets(), offsets, x.size(0), priors, 4);
    Tensor logits = boxes.backgroundFirst(raw);
    Tensor features =
        config
            .features()
            .map(path -> map(path, x, results))
            .orElseGet(() -> grid.orElseThrow().of(logits));
    return new Outputs(logits, features, Optional.of(boxes.acrossFirst(offsets)));
  }

  private Tensor map(ScriptPath path, Tensor x, Map<String, ScriptValue> results) {
    Tensor features = tensor("features", path, x, results);
    check("features", path, features, x.size(0), ANY, ANY, ANY);
    return features;
  }

  private ScriptValue value(ScriptPath path, Tensor x, Map<String, ScriptValue> results) {
    return path.in(results.computeIfAbsent(path.method(), method -> script.call(method, x)));
  }

  private Tensor tensor(String key, ScriptPath path, Tensor x, Map<String, ScriptValue> results) {
    try {
      return path.tensorIn(
          results.computeIfAbsent(path.method(), method -> script.call(method, x)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  private static void check(String key, ScriptPath path, Tensor tensor, long... expected) {
    long[] shape = Ops.shape(tensor);
    boolean fits = shape.length == expected.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = expected[i] == ANY || shape[i] == expected[i];
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "%s: %s is %s, expected %s"
              .formatted(
                  key,
                  path,
                  ScriptPath.shape(tensor),
                  Arrays.toString(expected).replace("-1", "any")));
    }
  }
}

package io.realign.target;

import io.realign.data.CamVid;
import io.realign.data.Cityscapes;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.data.VocDevkit;
import io.realign.io.ScriptArchive;
import io.realign.io.Yaml;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Script;
import io.realign.torch.ScriptFailure;
import io.realign.torch.ScriptValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a TorchScript program seems to be, from what it returns for grey images of usual sizes.
 *
 * @param sizes of the images that it takes, of those tried
 * @param returned shapes for the image of the first such size
 * @param failure of the last size tried, where it takes none
 * @param tensors in the result, with their places
 * @param methods that give features or priors, of usual names
 * @param held priors that the program holds, of a detector
 */
public record ScriptGuess(
    List<Integer> sizes,
    String returned,
    String failure,
    List<Place> tensors,
    List<Method> methods,
    Optional<HeldPriors> held) {

  private static final int[] SIDES = {224, 32, 64, 128, 256, 300, 320, 512, 28, 299, 384};
  private static final List<String> FEATURES =
      List.of("features", "forward_features", "extract_features", "encode", "get_features");
  private static final List<String> PRIORS = List.of("priors", "anchors", "default_boxes");
  private static final List<String> CIFAR10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** A tensor in a result and its shape. */
  record Place(String path, List<Long> shape) {}

  /** A method of a usual name, and the shape that it returns; none where it is no tensor. */
  record Method(String name, List<Long> shape) {}

  /** Tries the program. */
  public static ScriptGuess of(Script script, ScriptArchive archive, Compute compute) {
    List<Integer> sizes = new ArrayList<>();
    List<Place> tensors = new ArrayList<>();
    List<Method> methods = new ArrayList<>();
    String returned = "";
    String failure = "";
    SequencedMap<Integer, Long> counts = new LinkedHashMap<>(); // priors by side
    for (int side : SIDES) {
      try (Scope scope = Scope.open();
          NoGradGuard guard = new NoGradGuard()) {
        Tensor grey = compute.place(torch.full(new long[] {1, 3, side, side}, new Scalar(.5)));
        ScriptValue value = script.call("forward", grey);
        counts.put(side, scored(value));
        if (sizes.isEmpty()) {
          returned = value.text();
          places("", value, tensors);
          archive.methods().stream()
              .filter(each -> FEATURES.contains(each.name()) || PRIORS.contains(each.name()))
              .filter(each -> each.arguments().size() == 1)
              .forEach(each -> methods.add(method(script, each.name(), grey)));
        }
        sizes.add(side);
      } catch (ScriptFailure e) {
        failure = String.valueOf(e.getMessage());
      }
    }
    return new ScriptGuess(
        sizes, returned, failure, tensors, methods, HeldPriors.of(script, counts, compute));
  }

  /** Boxes that a result scores; 0 if it is no detector's. */
  static long scored(ScriptValue value) {
    List<Place> all = new ArrayList<>();
    places("", value, all);
    return heads(all).map(Heads::priors).orElse(0L);
  }

  private static Method method(Script script, String name, Tensor grey) {
    try {
      return script.call(name, grey) instanceof ScriptValue.Leaf leaf
          ? new Method(name, shape(leaf.tensor()))
          : new Method(name, List.of());
    } catch (ScriptFailure e) {
      return new Method(name, List.of());
    }
  }

  private static void places(String path, ScriptValue value, List<Place> into) {
    switch (value) {
      case ScriptValue.Leaf leaf ->
          into.add(new Place(path.isEmpty() ? "forward()" : path, shape(leaf.tensor())));
      case ScriptValue.Items items ->
          IntStream.range(0, items.values().size())
              .forEach(i -> places(join(path, Integer.toString(i)), items.values().get(i), into));
      case ScriptValue.Named named ->
          named.values().forEach((key, each) -> places(join(path, key), each, into));
      case ScriptValue.Other other -> {}
    }
  }

  private static String join(String path, String step) {
    return path.isEmpty() ? step : path + "/" + step;
  }

  static List<Long> shape(Tensor tensor) {
    return Arrays.stream(Ops.shape(tensor)).boxed().toList();
  }

  /** A detector's heads: offsets, logits, number of priors, and whether priors are columns. */
  private record Heads(Place offsets, Place logits, long priors, boolean columns) {
    long scores() {
      return logits.shape().get(columns ? 1 : 2);
    }
  }

  private Optional<Heads> heads() {
    return heads(tensors);
  }

  private static Optional<Heads> heads(List<Place> tensors) {
    for (Place offsets : tensors) {
      for (int at = 1; at <= 2 && offsets.shape().size() == 3; at++) {
        boolean columns = at == 1;
        int priors = columns ? 2 : 1;
        if (offsets.shape().get(at) != 4) {
          continue;
        }
        long count = offsets.shape().get(priors);
        Optional<Place> logits =
            tensors.stream()
                .filter(each -> each != offsets && each.shape().size() == 3)
                .filter(each -> each.shape().get(priors) == count)
                .findFirst();
        if (logits.isPresent()) {
          return Optional.of(new Heads(offsets, logits.get(), count, columns));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Place> first(int dimensions) {
    return tensors.stream()
        .filter(each -> each.shape().size() == dimensions && each.shape().get(1) >= 2)
        .findFirst();
  }

  /** The task that the outputs look like; empty if like none. */
  public Optional<Labelling> labelling() {
    if (heads().isPresent()) {
      return Optional.of(Labelling.BOXES);
    }
    return first(2).isPresent()
        ? Optional.of(Labelling.CLASSES)
        : first(4).map(place -> Labelling.MASKS);
  }

  /** Whether the description names all that a target needs, right or wrong. */
  public boolean isWhole() {
    return labelling()
        .map(task -> task != Labelling.BOXES || held.isPresent() || priors().isPresent())
        .orElse(false);
  }

  /**
   * A description to be edited.
   *
   * @param file of the program, as the description is to name it
   */
  public String yaml(Path file) {
    StringBuilder yaml = new StringBuilder();
    line(yaml, "# What realign has to know of a TorchScript file. Guessed: check every line.", "");
    line(yaml, "file: " + Yaml.writeJson(file.toString()), "beside this file");
    Labelling task = labelling().orElse(Labelling.CLASSES);
    line(
        yaml,
        "task: " + word(task),
        labelling().isPresent() ? "from the shapes" : "its outputs look like no task's");
    long scores =
        switch (task) {
          case CLASSES -> first(2).map(place -> place.shape().get(1)).orElse(2L);
          case MASKS -> first(4).map(place -> place.shape().get(1)).orElse(2L);
          case BOXES -> heads().map(Heads::scores).orElse(2L) - 1;
        };
    List<String> named = known(task, scores);
    line(
        yaml,
        "classes: " + Yaml.writeJson(named.isEmpty() ? numbered(scores) : named),
        named.isEmpty() ? "in the order of the logits" : "from their number alone");
    int side = side(task, scores);
    line(
        yaml,
        "imageSize: " + side,
        held.isPresent()
            ? "at which it scores as many boxes as it holds priors"
            : sizes.size() > 1 ? "it takes others too" : "");
    Normalisation usual =
        scores == 10 && side == 32 ? Normalisation.CIFAR10 : Normalisation.IMAGENET;
    line(yaml, "mean: " + usual.mean(), "of images in [0,1]; [0, 0, 0] and");
    line(yaml, "deviation: " + usual.deviation(), "[1, 1, 1] if it normalises by itself");
    switch (task) {
      case CLASSES -> line(yaml, "logits: " + first(2).map(Place::path).orElse("forward()"), "");
      case MASKS -> line(yaml, "logits: " + first(4).map(Place::path).orElse("forward()"), "");
      case BOXES -> heads().ifPresent(heads -> boxes(yaml, heads));
    }
    Optional<Method> features =
        methods.stream().filter(each -> FEATURES.contains(each.name())).findFirst();
    Optional<Place> returnedFeatures =
        tensors.stream().filter(each -> each.path().matches("(.*/)?features?")).findFirst();
    line(
        yaml,
        returnedFeatures
            .map(each -> "features: " + each.path())
            .or(() -> features.map(each -> "features: " + each.name() + "()"))
            .orElse("# features: METHOD()"),
        returnedFeatures
            .map(Place::shape)
            .or(() -> features.map(Method::shape))
            .map(shape -> "of shape " + shape)
            .orElse("the layer before the last; else the logits are used"));
    return yaml.toString();
  }

  /**
   * The target that the guess describes. It runs the program, as the guess did.
   *
   * @param file of the program
   * @throws io.realign.io.InputException if it is not as guessed
   */
  public Target target(Path file, Compute compute) {
    Path name = Path.of(String.valueOf(file.getFileName()));
    ScriptConfig config = ScriptConfig.parse(yaml(name), file.resolveSibling("guess.yaml"));
    return ScriptTarget.load(config, "as guessed", compute);
  }

  private void boxes(StringBuilder yaml, Heads heads) {
    line(
        yaml,
        "logits: " + heads.logits().path(),
        held.isPresent() ? "" : "of " + heads.priors() + " priors");
    line(yaml, "boxes:", "");
    line(yaml, "  offsets: " + heads.offsets().path(), "");
    line(
        yaml,
        "  layout: " + (heads.columns() ? "columns" : "rows"),
        "rows [N,P,V], columns [N,V,P], maps [N,A*V,h,w]");
    line(yaml, "  background: first", "first, last, none (with sigmoid)");
    line(yaml, "  scores: softmax", "softmax, sigmoid");
    line(yaml, "  variances: [0.1, 0.2]", "of centre and size; 1, 1 where offsets are as they are");
    line(yaml, "  order: xy", "xy, or yx as TensorFlow has it");
    line(yaml, "  priors:", "one of output, attribute, file, boxes");
    Optional<Method> priors = priors();
    Optional<Place> returned =
        tensors.stream()
            .filter(each -> !each.equals(heads.offsets()))
            .filter(
                each ->
                    each.shape().equals(List.of(heads.priors(), 4L))
                        || each.shape().equals(List.of(1L, heads.priors(), 4L)))
            .findFirst();
    line(
        yaml,
        priors
            .map(each -> "    output: " + each.name() + "()")
            .or(() -> returned.map(each -> "    output: " + each.path()))
            .or(() -> held.map(each -> "    attribute: " + each.path()))
            .orElse("    file: priors.safetensors"),
        priors.isPresent() || returned.isPresent()
            ? "what the program returns"
            : held.isPresent()
                ? "a tensor of the program"
                : "its tensor 'priors' [P,4], in a file");
    line(
        yaml,
        "    form: " + (held.map(HeldPriors::edges).orElse(false) ? "edges" : "centre"),
        "centre [x,y,w,h], edges [left,top,right,bottom]");
    line(
        yaml,
        "    unit: " + (held.map(HeldPriors::pixels).orElse(false) ? "pixel" : "side"),
        "side: the image's is 1; pixel");
    line(yaml, "  confidence: 0.01", "scores up to this are no claim");
    line(yaml, "  overlap: 0.45", "of two boxes of one object");
  }

  private Optional<Method> priors() {
    return methods.stream().filter(each -> PRIORS.contains(each.name())).findFirst();
  }

  private int side(Labelling task, long classes) {
    if (held.isPresent()) {
      return held.get().side();
    }
    int usual =
        switch (task) {
          case CLASSES -> classes == 10 || classes == 100 ? 32 : classes == 200 ? 64 : 224;
          case MASKS -> 224;
          case BOXES -> 300;
        };
    return sizes.contains(usual) || sizes.isEmpty() ? usual : sizes.getFirst();
  }

  private static List<String> known(Labelling task, long classes) {
    List<List<String>> sets =
        switch (task) {
          case CLASSES -> List.of(CIFAR10);
          case MASKS ->
              List.of(
                  Dataset.withBackground(VocDevkit.CLASSES), CamVid.CLASSES, Cityscapes.CLASSES);
          case BOXES -> List.of(VocDevkit.CLASSES);
        };
    return sets.stream().filter(names -> names.size() == classes).findFirst().orElse(List.of());
  }

  private static List<String> numbered(long classes) {
    return IntStream.range(0, Math.toIntExact(Math.max(1, classes)))
        .mapToObj(i -> "class " + i)
        .toList();
  }

  private static String word(Labelling task) {
    return switch (task) {
      case CLASSES -> "classification";
      case MASKS -> "segmentation";
      case BOXES -> "detection";
    };
  }

  private static void line(StringBuilder yaml, String text, String comment) {
    yaml.append(text);
    if (!comment.isEmpty()) {
      yaml.append(" ".repeat(Math.max(2, 34 - text.length()))).append("# ").append(comment);
    }
    yaml.append('\n');
  }
}

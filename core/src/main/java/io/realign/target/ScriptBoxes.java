package io.realign.target;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import io.realign.io.InputException;
import io.realign.io.Weights;
import io.realign.nn.StateDict;
import io.realign.task.AveragePrecision;
import io.realign.task.BoxCoding;
import io.realign.task.Detection;
import io.realign.task.NonMaximumSuppression;
import io.realign.task.Priors;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Script;
import io.realign.torch.ScriptValue;
import io.realign.torch.Shapes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How the raw heads of a detector in TorchScript become boxes.
 *
 * @param offsets where the corrections of the priors are
 * @param layout how the heads are laid out
 * @param background where the scores have background
 * @param scores how logits become scores
 * @param priors where the priors are
 * @param file of the priors, if they have one
 * @param form how a prior is written
 * @param unit in what
 * @param order how a correction is written
 * @param coding its variances
 * @param suppression what is claimed of what is scored
 */
record ScriptBoxes(
    ScriptPath offsets,
    Layout layout,
    Background background,
    Detection.Scores scores,
    Source priors,
    Optional<Path> file,
    PriorForm form,
    Unit unit,
    Order order,
    BoxCoding coding,
    NonMaximumSuppression suppression) {

  /** How logits and offsets are laid out. */
  enum Layout {
    /** {@code [N,P,V]}: a row for each prior. */
    ROWS,
    /** {@code [N,V,P]}. */
    COLUMNS,
    /** A tuple of maps {@code [N,A·V,h,w]}, A priors at each place, the values of one together. */
    MAPS
  }

  /** Where the background is among the scores. */
  enum Background {
    FIRST,
    LAST,
    NONE
  }

  /** How the four values of a prior are meant. */
  enum PriorForm {
    /** Centre x, centre y, width, height. */
    CENTRE,
    /** Left, top, right, bottom. */
    EDGES
  }

  /** What priors are measured in. */
  enum Unit {
    /** The image's side is 1. */
    SIDE,
    /** Pixels of an image of {@code imageSize}. */
    PIXEL
  }

  /** The order of the four values, of priors and offsets. */
  enum Order {
    XY,
    /** As TensorFlow has it. */
    YX
  }

  /** Where priors come from. */
  sealed interface Source {

    /** A method's output. */
    record Output(ScriptPath path) implements Source {}

    /** A tensor that the program holds. */
    record Attribute(String path) implements Source {}

    /** A tensor in a file. */
    record InFile(Path file, String tensor) implements Source {}

    /** Written down. */
    record Inline(List<List<Double>> rows) implements Source {}
  }

  /** The keys of {@code boxes}. */
  @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
  static final class Form {
    private @Nullable String offsets;
    private @Nullable String layout;
    private @Nullable String background;
    private @Nullable String scores;
    private @Nullable PriorsForm priors;
    private @Nullable List<Double> variances;
    private @Nullable String order;
    private @Nullable Double confidence;
    private @Nullable Double overlap;
    private @Nullable Integer candidates;
    private @Nullable Integer most;
  }

  /** The keys of {@code boxes.priors}. */
  @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
  static final class PriorsForm {
    private @Nullable String output;
    private @Nullable String attribute;
    private @Nullable String file;
    private @Nullable String tensor;
    private @Nullable List<List<Double>> boxes;
    private @Nullable String form;
    private @Nullable String unit;
  }

  static ScriptBoxes of(Form form, Path yaml) {
    PriorsForm priors = ScriptConfig.needed(form.priors, "boxes.priors");
    Source source = source(priors, yaml);
    Background background = word(Background.class, "boxes.background", form.background, "first");
    Detection.Scores scores = word(Detection.Scores.class, "boxes.scores", form.scores, "softmax");
    if (background == Background.NONE && scores == Detection.Scores.SOFTMAX) {
      throw new IllegalArgumentException(
          "boxes: scores by softmax need a background class, 'first' or 'last'; without one they are 'sigmoid'");
    }
    NonMaximumSuppression usual = NonMaximumSuppression.standard();
    return new ScriptBoxes(
        ScriptConfig.path("boxes.offsets", ScriptConfig.needed(form.offsets, "boxes.offsets")),
        word(Layout.class, "boxes.layout", form.layout, "rows"),
        background,
        scores,
        source,
        source instanceof Source.InFile file ? Optional.of(file.file()) : Optional.empty(),
        word(PriorForm.class, "boxes.priors.form", priors.form, "centre"),
        word(Unit.class, "boxes.priors.unit", priors.unit, "side"),
        word(Order.class, "boxes.order", form.order, "xy"),
        coding(form.variances),
        new NonMaximumSuppression(
            share("boxes.confidence", form.confidence, usual.confidence()),
            share("boxes.overlap", form.overlap, usual.overlap()),
            count("boxes.candidates", form.candidates, usual.candidates()),
            count("boxes.most", form.most, usual.most())));
  }

  private static Source source(PriorsForm form, Path yaml) {
    int given =
        (form.output == null ? 0 : 1)
            + (form.attribute == null ? 0 : 1)
            + (form.file == null ? 0 : 1)
            + (form.boxes == null ? 0 : 1);
    if (given != 1) {
      throw new IllegalArgumentException(
          "boxes.priors: give one of output, attribute, file and boxes, not " + given);
    }
    if (form.output != null) {
      return new Source.Output(ScriptConfig.path("boxes.priors.output", form.output));
    }
    if (form.attribute != null) {
      return new Source.Attribute(form.attribute);
    }
    return form.file != null
        ? new Source.InFile(
            ScriptConfig.beside(yaml, form.file), form.tensor == null ? "priors" : form.tensor)
        : new Source.Inline(ScriptConfig.needed(form.boxes, "boxes.priors.boxes"));
  }

  private static BoxCoding coding(@Nullable List<Double> variances) {
    if (variances == null) {
      return BoxCoding.standard();
    }
    if (variances.size() != 2 || !variances.stream().allMatch(v -> v != null && v > 0)) {
      throw new IllegalArgumentException(
          "boxes.variances: two positive numbers, of the centre and of the size, not " + variances);
    }
    return new BoxCoding(variances.get(0), variances.get(1));
  }

  private static double share(String key, @Nullable Double value, double usual) {
    if (value == null) {
      return usual;
    }
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(key + " is " + value + ", expected 0 to 1");
    }
    return value;
  }

  private static int count(String key, @Nullable Integer value, int usual) {
    if (value == null) {
      return usual;
    }
    if (value < 1) {
      throw new IllegalArgumentException(key + " is " + value + ", expected at least 1");
    }
    return value;
  }

  private static <E extends Enum<E>> E word(
      Class<E> type, String key, @Nullable String text, String usual) {
    String word = text == null ? usual : text;
    for (E each : type.getEnumConstants()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
        return each;
      }
    }
    String all =
        Arrays.stream(type.getEnumConstants())
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("%s is '%s': one of %s".formatted(key, word, all));
  }

  /**
   * The task of a program.
   *
   * @param outputs tells a path's tensor on a probe image
   */
  Detection task(Script script, Function<ScriptPath, Tensor> outputs, int imageSize) {
    return new Detection(
        priors(script, outputs, imageSize),
        coding,
        scores,
        suppression,
        AveragePrecision.ELEVEN_POINT);
  }

  private Priors priors(Script script, Function<ScriptPath, Tensor> outputs, int imageSize) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      float[] values =
          switch (priors) {
            case Source.Output output -> rows(outputs.apply(output.path()), output.path());
            case Source.Attribute held -> rows(script.attribute(held.path()), held.path());
            case Source.InFile in -> rows(stored(in), in.file() + ", " + in.tensor());
            case Source.Inline inline -> inline(inline.rows());
          };
      for (int at = 0; at < values.length; at += 4) {
        prior(values, at, imageSize);
      }
      return new Priors(values);
    }
  }

  private static Tensor stored(Source.InFile in) {
    StateDict tensors = Weights.read(in.file());
    if (!tensors.has(in.tensor())) {
      throw new InputException(
          "%s holds no tensor '%s' but %s; boxes.priors.tensor names it"
              .formatted(in.file(), in.tensor(), tensors.names().stream().limit(8).toList()));
    }
    return tensors.get(in.tensor());
  }

  private static float[] rows(Tensor tensor, Object where) {
    Tensor two = tensor.dim() == 3 ? tensor.select(0, 0) : tensor;
    if (two.dim() != 2 || two.size(1) != 4) {
      throw new IllegalArgumentException(
          "boxes.priors: %s is %s, expected [P, 4]".formatted(where, ScriptPath.shape(tensor)));
    }
    return Ops.toFloats(two);
  }

  private static float[] inline(List<List<Double>> rows) {
    float[] values = new float[4 * rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i) == null || rows.get(i).size() != 4 || rows.get(i).contains(null)) {
        throw new IllegalArgumentException(
            "boxes.priors.boxes: row %d is %s, expected four numbers".formatted(i, rows.get(i)));
      }
      for (int j = 0; j < 4; j++) {
        values[4 * i + j] = rows.get(i).get(j).floatValue();
      }
    }
    return values;
  }

  /** Brings a prior to centre and size, of the image's side, in place. */
  private void prior(float[] values, int at, int imageSize) {
    float scale = unit == Unit.PIXEL ? 1f / imageSize : 1;
    float x = scale * values[at + (order == Order.YX ? 1 : 0)];
    float y = scale * values[at + (order == Order.YX ? 0 : 1)];
    float across = scale * values[at + (order == Order.YX ? 3 : 2)];
    float down = scale * values[at + (order == Order.YX ? 2 : 3)];
    boolean edges = form == PriorForm.EDGES;
    values[at] = edges ? (x + across) / 2 : x;
    values[at + 1] = edges ? (y + down) / 2 : y;
    values[at + 2] = edges ? across - x : across;
    values[at + 3] = edges ? down - y : down;
    if (!(values[at + 2] > 0 && values[at + 3] > 0)
        || !Float.isFinite(values[at] + values[at + 1] + values[at + 2] + values[at + 3])
        || values[at + 2] > 16
        || values[at + 3] > 16) {
      throw new IllegalArgumentException(
          "boxes.priors: number %d is %s by %s of the image's side: is 'form' (centre or edges) or 'unit' (side or pixel) another?"
              .formatted(at / 4, values[at + 2], values[at + 3]));
    }
  }

  /**
   * A head as {@code [N,P,V]}.
   *
   * @param value of the path
   * @param values V
   */
  Tensor rows(String key, ScriptPath path, ScriptValue value, int values) {
    if (layout == Layout.MAPS) {
      if (!(value instanceof ScriptValue.Items maps) || maps.values().isEmpty()) {
        throw new IllegalArgumentException(
            "%s: %s is %s, but layout: maps wants a tuple or list of maps"
                .formatted(key, path, value.text()));
      }
      return Shapes.concatenate(
          maps.values().stream().map(map -> level(key, path, map, values)).toList(), 1);
    }
    if (!(value instanceof ScriptValue.Leaf leaf) || leaf.tensor().dim() != 3) {
      throw new IllegalArgumentException(
          "%s: %s is %s, expected a tensor of three dimensions".formatted(key, path, value.text()));
    }
    return layout == Layout.COLUMNS ? Shapes.columnsToRows(leaf.tensor()) : leaf.tensor();
  }

  /** {@code [N,A·V,h,w]} to {@code [N,h·w·A,V]}. */
  private static Tensor level(String key, ScriptPath path, ScriptValue map, int values) {
    if (!(map instanceof ScriptValue.Leaf leaf)
        || leaf.tensor().dim() != 4
        || leaf.tensor().size(1) % values != 0) {
      throw new IllegalArgumentException(
          "%s: %s holds %s, expected maps [N, A·%d, h, w]"
              .formatted(key, path, map.text(), values));
    }
    return Shapes.placesToRows(leaf.tensor(), values);
  }

  /** Scores with background before the classes, as {@link Detection} has them. */
  Tensor backgroundFirst(Tensor logits) {
    return switch (background) {
      case FIRST -> logits;
      case LAST -> {
        long classes = logits.size(2) - 1;
        long[] order =
            LongStream.concat(LongStream.of(classes), LongStream.range(0, classes)).toArray();
        yield Shapes.select(logits, 2, order);
      }
      case NONE -> Shapes.zeroFirst(logits);
    };
  }

  /** Offsets of x, y, width, height. */
  Tensor acrossFirst(Tensor offsets) {
    return order == Order.XY ? offsets : Shapes.select(offsets, 2, 1, 0, 3, 2);
  }
}

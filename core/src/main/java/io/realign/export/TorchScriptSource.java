package io.realign.export;

import io.realign.torch.Operator;
import io.realign.torch.Program;
import io.realign.torch.Script;
import io.realign.torch.ScriptPlace;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/** A {@link Program} as the text of a TorchScript module's methods. */
final class TorchScriptSource {

  /** The attribute that holds the foreign program. */
  static final String TARGET = "target";

  private static final String SAME =
      """
      def same(self, x: Tensor, span: int, stride: int) -> Tensor:
        down = max(0, ((x.size(2) + stride - 1) // stride - 1) * stride + span - x.size(2))
        right = max(0, ((x.size(3) + stride - 1) // stride - 1) * stride + span - x.size(3))
        return torch.constant_pad_nd(x, [right // 2, right - right // 2, down // 2, down - down // 2], 0)
      """;

  private static final String MIRROR =
      """
      def mirror(self, x: Tensor, multiple: int) -> Tensor:
        down = (multiple - x.size(2) % multiple) % multiple
        right = (multiple - x.size(3) % multiple) % multiple
        return torch.reflection_pad2d(x, [0, right, 0, down])
      """;

  private final Program program;
  private final Map<Integer, String> attributes = new LinkedHashMap<>();
  private final SequencedMap<String, List<Long>> indices = new LinkedHashMap<>();
  private final Set<String> methods = new LinkedHashSet<>();
  private final Map<Call, String> calls = new LinkedHashMap<>();

  /** One run of a foreign method, however many of its tensors are used. */
  private record Call(Script script, String method, String x) {}

  TorchScriptSource(Program program, ConstantNames names) {
    this.program = program;
    Set<String> taken = new LinkedHashSet<>();
    for (int number : program.constants().keySet()) {
      String name = names.of(number).replace('.', '_');
      attributes.put(number, taken.add(name) ? name : name + "_" + number);
    }
  }

  /** The name of the attribute that holds each constant, by its number. */
  Map<Integer, String> attributes() {
    return attributes;
  }

  /** Further attributes, of integers; known once {@link #text} has been asked for. */
  SequencedMap<String, List<Long>> indices() {
    return indices;
  }

  /** {@code forward}, and what it calls. */
  String text() {
    StringBuilder body = new StringBuilder();
    for (Program.Step step : program.steps()) {
      if (step.operator() instanceof Operator.Called called) {
        body.append(call(called, value(step.inputs().getFirst())));
      }
      body.append("  v%d = %s%n".formatted(step.output(), expression(step)));
    }
    List<String> outputs = program.outputs().values().stream().map(this::value).toList();
    boolean one = outputs.size() == 1;
    String type =
        one
            ? "Tensor"
            : outputs.stream()
                .map(each -> "Tensor")
                .collect(Collectors.joining(", ", "Tuple[", "]"));
    String forward =
        "def forward(self, %s: Tensor) -> %s:%n%s  return %s%n"
            .formatted(
                Signature.IMAGES,
                type,
                body,
                one ? outputs.getFirst() : "(" + String.join(", ", outputs) + ")");
    return String.join("\n", methods) + "\n" + forward.replace(System.lineSeparator(), "\n");
  }

  private String value(int number) {
    String attribute = attributes.get(number);
    return attribute != null
        ? "self." + attribute
        : number == Program.INPUT ? Signature.IMAGES : "v" + number;
  }

  private String expression(Program.Step step) {
    List<String> in = step.inputs().stream().map(this::value).toList();
    String x = in.getFirst();
    return switch (step.operator()) {
      case Operator.Convolution o ->
          convolution(
              x,
              in,
              o.stride(),
              o.padding().height(),
              o.padding().width(),
              o.dilation(),
              o.groups());
      case Operator.SameConvolution o -> same(x, in, o);
      case Operator.TransposedConvolution o ->
          "torch.conv_transpose2d(%s, %s, %s, %s, %s, %s, 1, [1, 1])"
              .formatted(
                  x,
                  in.get(1),
                  bias(in),
                  twice(o.stride()),
                  twice(o.padding()),
                  twice(o.outputPadding()));
      case Operator.Linear o -> "torch.linear(%s, %s, %s)".formatted(x, in.get(1), bias(in));
      case Operator.Add o -> "torch.add(%s, %s)".formatted(x, in.get(1));
      case Operator.Multiply o -> "torch.mul(%s, %s)".formatted(x, in.get(1));
      case Operator.Scale o -> "torch.mul(%s, %s)".formatted(x, o.factor());
      case Operator.Shift o -> "torch.add(%s, %s)".formatted(x, o.summand());
      case Operator.Clamp o -> "torch.clamp(%s, %s, %s)".formatted(x, o.low(), o.high());
      case Operator.Relu o -> "torch.relu(%s)".formatted(x);
      case Operator.Tanh o -> "torch.tanh(%s)".formatted(x);
      case Operator.InstanceNorm o ->
          "torch.instance_norm(%s, None, None, None, None, True, 0.1, %s, False)"
              .formatted(x, o.epsilon());
      case Operator.UnitChannels o ->
          "torch.div(%s, torch.clamp_min(torch.sqrt(torch.sum(torch.mul(%s, %s), [1], True)), %s))"
              .formatted(x, x, x, o.least());
      case Operator.AveragePool o ->
          "torch.avg_pool2d(%s, %s, %s, %s, False, %s, None)"
              .formatted(
                  x,
                  twice(o.kernel()),
                  twice(o.stride()),
                  twice(o.padding()),
                  truth(o.countPadding()));
      case Operator.MaxPool o ->
          "torch.max_pool2d(%s, %s, %s, %s, [1, 1], %s)"
              .formatted(
                  x, twice(o.kernel()), twice(o.stride()), twice(o.padding()), truth(o.upwards()));
      case Operator.PartMeans o ->
          "torch.adaptive_avg_pool2d(%s, %s)".formatted(x, twice(o.side()));
      case Operator.MapMeans o -> "torch.mean(%s, [2, 3])".formatted(x);
      case Operator.Resize o ->
          "torch.upsample_bilinear2d(%s, [%d, %d], False)".formatted(x, o.height(), o.width());
      case Operator.ResizeLike o ->
          "torch.upsample_bilinear2d(%s, [%s], %s)"
              .formatted(x, sides(in.get(1)), truth(o.aligned()));
      case Operator.MirrorPad o ->
          "torch.reflection_pad2d(%s, [%d, %d, %d, %d])"
              .formatted(x, o.width(), o.width(), o.width(), o.width());
      case Operator.MirrorToMultiple o -> {
        methods.add(MIRROR);
        yield "self.mirror(%s, %d)".formatted(x, o.multiple());
      }
      case Operator.CutLike o ->
          "torch.narrow(torch.narrow(%s, 2, 0, %s.size(2)), 3, 0, %s.size(3))"
              .formatted(x, in.get(1), in.get(1));
      case Operator.SpreadLike o -> "%s.expand([-1, -1, %s])".formatted(x, sides(in.get(1)));
      case Operator.PadChannels o ->
          "torch.constant_pad_nd(%s, [0, 0, 0, 0, %d, %d], 0)".formatted(x, o.before(), o.after());
      case Operator.SquaresToChannels o -> "torch.pixel_unshuffle(%s, %d)".formatted(x, o.side());
      case Operator.ChannelsToSquares o -> "torch.pixel_shuffle(%s, %d)".formatted(x, o.side());
      case Operator.Concatenate o ->
          "torch.cat([%s], %d)".formatted(String.join(", ", in), o.dim());
      case Operator.Flatten o -> "torch.flatten(%s, 1)".formatted(x);
      case Operator.AsMap o -> "torch.unsqueeze(torch.unsqueeze(%s, 2), 3)".formatted(x);
      case Operator.PlacesToRows o ->
          "torch.reshape(torch.permute(%s, [0, 2, 3, 1]), [%s.size(0), -1, %d])"
              .formatted(x, x, o.values());
      case Operator.ColumnsToRows o -> "torch.transpose(%s, 1, 2)".formatted(x);
      case Operator.ZeroFirst o -> "torch.constant_pad_nd(%s, [1, 0], 0)".formatted(x);
      case Operator.Called o -> at(o.place(), called(o, x));
      case Operator.Select o -> {
        String name = "indices_" + step.output();
        indices.put(name, o.indices());
        yield "torch.index_select(%s, %d, self.%s)".formatted(x, o.dim(), name);
      }
    };
  }

  /** The line that runs a method, unless it has been run on {@code x}. */
  private String call(Operator.Called o, String x) {
    Call call = new Call(o.script(), o.method(), x);
    if (calls.containsKey(call)) {
      return "";
    }
    String name = "c" + calls.size();
    calls.put(call, name);
    return "  %s = self.%s.%s(%s)%n".formatted(name, TARGET, o.method(), x);
  }

  private String called(Operator.Called o, String x) {
    return Objects.requireNonNull(calls.get(new Call(o.script(), o.method(), x)));
  }

  private static String at(ScriptPlace place, String result) {
    String text = result;
    for (ScriptPlace.Step step : place.steps()) {
      text =
          switch (step) {
            case ScriptPlace.Step.Item item -> "%s[%d]".formatted(text, item.index());
            case ScriptPlace.Step.Key key -> "%s[%s]".formatted(text, quoted(key.text()));
            case ScriptPlace.Step.Present present -> "torch._unwrap_optional(%s)".formatted(text);
          };
    }
    return text;
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private String same(String x, List<String> in, Operator.SameConvolution o) {
    int span = (o.kernel() - 1) * o.dilation() + 1;
    if (o.stride() == 1 && span % 2 == 1) {
      return convolution(x, in, 1, span / 2, span / 2, o.dilation(), o.groups());
    }
    methods.add(SAME);
    String padded = "self.same(%s, %d, %d)".formatted(x, span, o.stride());
    return convolution(padded, in, o.stride(), 0, 0, o.dilation(), o.groups());
  }

  private static String convolution(
      String x, List<String> in, int stride, int height, int width, int dilation, int groups) {
    return "torch.conv2d(%s, %s, %s, %s, [%d, %d], %s, %d)"
        .formatted(x, in.get(1), bias(in), twice(stride), height, width, twice(dilation), groups);
  }

  private static String bias(List<String> in) {
    return in.size() > 2 ? in.get(2) : "None";
  }

  private static String twice(int value) {
    return "[%d, %d]".formatted(value, value);
  }

  private static String sides(String value) {
    return "%s.size(2), %s.size(3)".formatted(value, value);
  }

  private static String truth(boolean value) {
    return value ? "True" : "False";
  }
}

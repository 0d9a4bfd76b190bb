package io.realign.export;

import static io.realign.export.OnnxGraph.attribute;
import static io.realign.export.OnnxGraph.attributes;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import io.realign.io.Build;
import io.realign.torch.Operator;
import io.realign.torch.Program;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A {@link Program} as an ONNX model with its weights. */
final class OnnxModel {

  /** The version of the standard operators. */
  static final int OPSET = 17;

  private static final int FORMAT = 8; // the IR version that came with this opset
  private static final String NAME = "realign";

  private final Program program;
  private final ConstantNames names;
  private final OnnxGraph graph = new OnnxGraph(NAME);

  private OnnxModel(Program program, ConstantNames names) {
    this.program = program;
    this.names = names;
  }

  /** The model. */
  static ModelProto of(
      Program program, ConstantNames names, Signature signature, Map<String, String> metadata) {
    OnnxModel model = new OnnxModel(program, names);
    model.build(signature);
    ModelProto.Builder built =
        ModelProto.newBuilder()
            .setIrVersion(FORMAT)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .setProducerName(NAME)
            .setProducerVersion(Build.current().version())
            .setGraph(model.graph.build());
    new TreeMap<>(metadata)
        .forEach(
            (key, value) ->
                built.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return built.build();
  }

  private void build(Signature signature) {
    graph.input(Signature.IMAGES, signature.images());
    program.constants().forEach((number, tensor) -> graph.constant(names.of(number), tensor));
    program.steps().forEach(this::add);
    program
        .outputs()
        .forEach(
            (name, number) -> {
              graph.node("Identity", name, List.of(value(number)));
              graph.output(name, signature.shape(name));
            });
  }

  private String value(int number) {
    return program.constants().containsKey(number)
        ? names.of(number)
        : number == Program.INPUT ? Signature.IMAGES : "value." + number;
  }

  private void add(Program.Step step) {
    List<String> in = step.inputs().stream().map(this::value).toList();
    String x = in.getFirst();
    String out = value(step.output());
    switch (step.operator()) {
      case Operator.Convolution o ->
          graph.node(
              "Conv",
              out,
              in,
              attributes("strides", o.stride(), o.stride()),
              pads(o.padding().height(), o.padding().width()),
              attributes("dilations", o.dilation(), o.dilation()),
              attribute("group", o.groups()));
      case Operator.SameConvolution o -> same(o, in, out);
      case Operator.TransposedConvolution o ->
          graph.node(
              "ConvTranspose",
              out,
              in,
              attributes("strides", o.stride(), o.stride()),
              pads(o.padding(), o.padding()),
              attributes("output_padding", o.outputPadding(), o.outputPadding()));
      case Operator.Linear o -> graph.node("Gemm", out, in, attribute("transB", 1));
      case Operator.Add o -> graph.node("Add", out, in);
      case Operator.Multiply o -> graph.node("Mul", out, in);
      case Operator.Scale o -> graph.node("Mul", out, List.of(x, graph.number(o.factor())));
      case Operator.Shift o -> graph.node("Add", out, List.of(x, graph.number(o.summand())));
      case Operator.Clamp o ->
          graph.node("Clip", out, List.of(x, graph.number(o.low()), graph.number(o.high())));
      case Operator.Relu o -> graph.node("Relu", out, in);
      case Operator.Tanh o -> graph.node("Tanh", out, in);
      case Operator.InstanceNorm o ->
          graph.node(
              "InstanceNormalization",
              out,
              List.of(x, graph.numbers(1, o.channels()), graph.numbers(0, o.channels())),
              attribute("epsilon", (float) o.epsilon()));
      case Operator.UnitChannels o -> {
        String length = graph.node("ReduceL2", in, attributes("axes", 1), attribute("keepdims", 1));
        String most = graph.node("Max", List.of(length, graph.number(o.least())));
        graph.node("Div", out, List.of(x, most));
      }
      case Operator.AveragePool o ->
          graph.node(
              "AveragePool",
              out,
              in,
              attributes("kernel_shape", o.kernel(), o.kernel()),
              attributes("strides", o.stride(), o.stride()),
              pads(o.padding(), o.padding()),
              attribute("count_include_pad", o.countPadding() ? 1 : 0));
      case Operator.MaxPool o ->
          graph.node(
              "MaxPool",
              out,
              in,
              attributes("kernel_shape", o.kernel(), o.kernel()),
              attributes("strides", o.stride(), o.stride()),
              pads(o.padding(), o.padding()),
              attribute("ceil_mode", o.upwards() ? 1 : 0));
      case Operator.PartMeans o -> partMeans(o.side(), x, out);
      case Operator.MapMeans o ->
          graph.node("ReduceMean", out, in, attributes("axes", 2, 3), attribute("keepdims", 0));
      case Operator.Resize o -> resize(x, graph.integers(o.height(), o.width()), "half_pixel", out);
      case Operator.ResizeLike o ->
          resize(x, sides(in.get(1)), o.aligned() ? "align_corners" : "half_pixel", out);
      case Operator.MirrorPad o -> {
        long w = o.width();
        String pads = graph.integers(0, 0, w, w, 0, 0, w, w);
        graph.node("Pad", out, List.of(x, pads), attribute("mode", "reflect"));
      }
      case Operator.MirrorToMultiple o -> mirror(x, graph.integer(o.multiple()), out);
      case Operator.CutLike o ->
          graph.node(
              "Slice",
              out,
              List.of(x, graph.integers(0, 0), sides(in.get(1)), graph.integers(2, 3)));
      case Operator.SpreadLike o -> {
        String ones = graph.integers(1, 1);
        String shape = graph.node("Concat", List.of(ones, sides(in.get(1))), attribute("axis", 0));
        graph.node("Expand", out, List.of(x, shape));
      }
      case Operator.PadChannels o -> {
        String pads = graph.integers(0, o.before(), 0, 0, 0, o.after(), 0, 0);
        graph.node("Pad", out, List.of(x, pads), attribute("mode", "constant"));
      }
      case Operator.SquaresToChannels o -> squaresToChannels(o, x, out);
      case Operator.ChannelsToSquares o ->
          graph.node(
              "DepthToSpace", out, in, attribute("blocksize", o.side()), attribute("mode", "CRD"));
      case Operator.Concatenate o -> graph.node("Concat", out, in, attribute("axis", o.dim()));
      case Operator.Flatten o -> graph.node("Flatten", out, in, attribute("axis", 1));
      case Operator.AsMap o -> graph.node("Unsqueeze", out, List.of(x, graph.integers(2, 3)));
      case Operator.PlacesToRows o -> {
        String turned = graph.node("Transpose", in, attributes("perm", 0, 2, 3, 1));
        graph.node("Reshape", out, List.of(turned, graph.integers(0, -1, o.values())));
      }
      case Operator.ColumnsToRows o ->
          graph.node("Transpose", out, in, attributes("perm", 0, 2, 1));
      case Operator.ZeroFirst o -> {
        String pads = graph.integers(0, 0, 1, 0, 0, 0);
        graph.node("Pad", out, List.of(x, pads), attribute("mode", "constant"));
      }
      case Operator.Called o ->
          throw new IllegalArgumentException("no ONNX for the TorchScript of " + o.script());
      case Operator.Select o -> {
        long[] indices = o.indices().stream().mapToLong(Long::longValue).toArray();
        graph.node("Gather", out, List.of(x, graph.integers(indices)), attribute("axis", o.dim()));
      }
    }
  }

  /** At stride 1 the padding does not depend on the size. */
  private void same(Operator.SameConvolution o, List<String> in, String out) {
    long around = (o.kernel() - 1L) * o.dilation();
    if (o.stride() > 1 && o.dilation() > 1) {
      throw new IllegalArgumentException("no ONNX for " + o); // ONNX Runtime refuses it
    }
    AttributeProto padding =
        o.stride() > 1
            ? attribute("auto_pad", "SAME_UPPER")
            : attributes("pads", around / 2, around / 2, around - around / 2, around - around / 2);
    graph.node(
        "Conv",
        out,
        in,
        attributes("strides", o.stride(), o.stride()),
        padding,
        attributes("dilations", o.dilation(), o.dilation()),
        attribute("group", o.groups()));
  }

  private void resize(String x, String sides, String coordinates, String out) {
    String outer = graph.node("Shape", List.of(x), attribute("start", 0), attribute("end", 2));
    String sizes = graph.node("Concat", List.of(outer, sides), attribute("axis", 0));
    graph.node(
        "Resize",
        out,
        List.of(x, "", "", sizes),
        attribute("mode", "linear"),
        attribute("coordinate_transformation_mode", coordinates));
  }

  private void mirror(String x, String multiple, String out) {
    String rest = graph.node("Mod", List.of(sides(x), multiple));
    String missing =
        graph.node("Mod", List.of(graph.node("Sub", List.of(multiple, rest)), multiple));
    String before = graph.integers(0, 0, 0, 0, 0, 0);
    String pads = graph.node("Concat", List.of(before, missing), attribute("axis", 0));
    graph.node("Pad", out, List.of(x, pads), attribute("mode", "reflect"));
  }

  /** ONNX puts the channel last, PyTorch the place within the square. */
  private void squaresToChannels(Operator.SquaresToChannels o, String x, String out) {
    String theirs = graph.node("SpaceToDepth", List.of(x), attribute("blocksize", o.side()));
    long places = (long) o.side() * o.side();
    long[] order =
        LongStream.range(0, o.channels() * places)
            .map(ours -> ours % places * o.channels() + ours / places)
            .toArray();
    graph.node("Gather", out, List.of(theirs, graph.integers(order)), attribute("axis", 1));
  }

  /** ONNX has no adaptive pooling: rows, then columns, are averaged by a product. */
  private void partMeans(int side, String x, String out) {
    if (side == 1) {
      graph.node("GlobalAveragePool", out, List.of(x));
      return;
    }
    String rows = graph.node("MatMul", List.of(shares(x, 2, side), x)); // [N,C,side,W]
    String columns = graph.node("Transpose", List.of(shares(x, 3, side)), attributes("perm", 1, 0));
    graph.node("MatMul", out, List.of(rows, columns));
  }

  /**
   * {@code [side,size]}: 1 by the length of the part where a place belongs to it, else 0. Part i
   * goes from ⌊i·size/side⌋ to below ⌈(i+1)·size/side⌉.
   */
  private String shares(String x, int axis, int side) {
    String size =
        graph.node("Shape", List.of(x), attribute("start", axis), attribute("end", axis + 1));
    String count = graph.integer(side);
    String first =
        graph.node(
            "Div",
            List.of(
                graph.node("Mul", List.of(graph.column(LongStream.range(0, side).toArray()), size)),
                count));
    String products =
        graph.node("Mul", List.of(graph.column(LongStream.rangeClosed(1, side).toArray()), size));
    String behind =
        graph.node(
            "Div", List.of(graph.node("Add", List.of(products, graph.integer(side - 1L))), count));
    String places =
        graph.node(
            "Range",
            List.of(
                graph.integer(0),
                graph.node("Squeeze", List.of(size, graph.integers(0))),
                graph.integer(1)));
    String from = graph.node("Not", List.of(graph.node("Less", List.of(places, first))));
    String to = graph.node("Less", List.of(places, behind));
    AttributeProto floats = attribute("to", 1);
    String within = graph.node("Cast", List.of(graph.node("And", List.of(from, to))), floats);
    String length = graph.node("Cast", List.of(graph.node("Sub", List.of(behind, first))), floats);
    return graph.node("Div", List.of(within, length));
  }

  private String sides(String value) {
    return graph.node("Shape", List.of(value), attribute("start", 2), attribute("end", 4));
  }

  private static AttributeProto pads(long height, long width) {
    return attributes("pads", height, width, height, width);
  }
}

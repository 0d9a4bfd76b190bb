package io.realign.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.realign.torch.Ops;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** An ONNX graph in the making: nodes and constants by name. */
final class OnnxGraph {

  private final GraphProto.Builder graph;
  private final Set<String> constants = new HashSet<>();
  private int nodes;

  OnnxGraph(String name) {
    graph = GraphProto.newBuilder().setName(name);
  }

  /** Adds a node of one output, named {@code output}. */
  void node(String type, String output, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(type)
            .setName(type + "_" + nodes++)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(Arrays.asList(attributes)));
  }

  /** Adds a node and gives its output a name of its own. */
  String node(String type, List<String> inputs, AttributeProto... attributes) {
    String output = type.toLowerCase(Locale.ROOT) + "." + nodes;
    node(type, output, inputs, attributes);
    return output;
  }

  /** Adds fp32 values. */
  void constant(String name, Tensor tensor) {
    float[] values = Ops.toFloats(tensor);
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    add(name, TensorProto.DataType.FLOAT, bytes, Ops.shape(tensor));
  }

  /** A number; the same one is there once. */
  String number(double value) {
    String name = "number." + value;
    if (!constants.contains(name)) {
      ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putFloat((float) value).flip();
      add(name, TensorProto.DataType.FLOAT, bytes);
    }
    return name;
  }

  /** The same number {@code count} times. */
  String numbers(double value, int count) {
    String name = "numbers.%d.%s".formatted(count, value);
    if (!constants.contains(name)) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        bytes.putFloat((float) value);
      }
      add(name, TensorProto.DataType.FLOAT, bytes.flip(), count);
    }
    return name;
  }

  /** A row of integers. */
  String integers(long... values) {
    return integers("integers.", values, values.length);
  }

  /** One integer without a dimension. */
  String integer(long value) {
    return integers("integer.", new long[] {value});
  }

  /** Integers below one another: {@code [count,1]}. */
  String column(long... values) {
    return integers("column.", values, values.length, 1);
  }

  private String integers(String kind, long[] values, long... shape) {
    String name = kind + String.join(".", Arrays.stream(values).mapToObj(Long::toString).toList());
    if (!constants.contains(name)) {
      ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asLongBuffer().put(values);
      add(name, TensorProto.DataType.INT64, bytes, shape);
    }
    return name;
  }

  private void add(String name, TensorProto.DataType type, ByteBuffer bytes, long... shape) {
    constants.add(name);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .addAllDims(Arrays.stream(shape).boxed().toList())
            .setRawData(ByteString.copyFrom(bytes)));
  }

  /** Declares the input. */
  void input(String name, List<String> dims) {
    graph.addInput(value(name, dims));
  }

  /** Declares an output that a node gives. */
  void output(String name, List<String> dims) {
    graph.addOutput(value(name, dims));
  }

  GraphProto build() {
    return graph.build();
  }

  private static ValueInfoProto value(String name, List<String> dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String dim : dims) {
      TensorShapeProto.Dimension.Builder each = shape.addDimBuilder();
      if (Character.isDigit(dim.charAt(0))) {
        each.setDimValue(Long.parseLong(dim));
      } else {
        each.setDimParam(dim);
      }
    }
    TypeProto.Tensor type =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  static AttributeProto attributes(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(Arrays.stream(values).boxed().toList())
        .build();
  }

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }
}

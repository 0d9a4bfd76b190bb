package io.realign.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.nn.Layer;
import io.realign.nn.StateDict;
import io.realign.torch.Convolutions;
import io.realign.torch.Ops;
import io.realign.torch.Program;
import io.realign.torch.Recording;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Shapes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is recorded of one image computes the same elsewhere, of batches and of images of another
 * size, operator by operator.
 */
class OperatorsTest {

  private static final int SIDE = 12;
  private static final long[][] SHAPES = {{2, 3, SIDE, SIDE}, {3, 3, 13, 17}, {1, 3, 18, 15}};
  private static final double TINY = 1e-12;

  private static final Map<String, Layer> LAYERS = layers();

  private static Map<String, Layer> layers() {
    Map<String, Layer> layers = new LinkedHashMap<>();
    layers.put("conv", x -> Convolutions.conv2d(x, weight(5, 3, 3, 3), weight(5), 1, 1, 1));
    layers.put("conv-plain", x -> Convolutions.conv2d(x, weight(5, 3, 4, 4), null, 2, 1, 1));
    layers.put("conv-groups", x -> Convolutions.conv2d(x, weight(6, 1, 3, 3), weight(6), 1, 1, 3));
    layers.put(
        "conv-dilated", x -> Convolutions.conv2d(x, weight(5, 3, 3, 3), weight(5), 1, 2, 2, 1));
    layers.put("conv-row", x -> Convolutions.conv2d(x, weight(5, 3, 1, 3), null, 1, 1, 1));
    layers.put("conv-column", x -> Convolutions.conv2d(x, weight(5, 3, 3, 1), null, 1, 1, 1));
    layers.put("same", x -> Convolutions.conv2dSame(x, weight(5, 3, 3, 3), weight(5), 1, 1, 1));
    layers.put(
        "same-dilated", x -> Convolutions.conv2dSame(x, weight(5, 3, 3, 3), weight(5), 1, 2, 1));
    layers.put(
        "same-halved", x -> Convolutions.conv2dSame(x, weight(5, 3, 3, 3), weight(5), 2, 1, 1));
    layers.put(
        "same-groups", x -> Convolutions.conv2dSame(x, weight(3, 1, 3, 3), weight(3), 2, 1, 3));
    layers.put(
        "transposed", x -> Convolutions.convTranspose2d(x, weight(3, 4, 3, 3), weight(4), 2, 1, 1));
    layers.put(
        "transposed-2", x -> Convolutions.convTranspose2d(x, weight(3, 4, 2, 2), null, 2, 0, 0));
    layers.put("linear", x -> Ops.linear(Ops.globalAvgPool(x), weight(4, 3), weight(4)));
    layers.put("add", x -> Ops.add(x, Ops.relu(x)));
    layers.put("add-over", x -> Ops.addInPlace(Ops.scale(x, 2), x));
    layers.put("multiply", x -> Ops.multiply(x, weight(1, 3, 1, 1)));
    layers.put("affine", x -> Ops.affine(x, 2.5, -.75));
    layers.put("clamp", x -> Ops.clamp(x, .25, .5));
    layers.put("hard-tanh", x -> Ops.hardTanh(Ops.shift(x, -.5), -.25, .125));
    layers.put("relu", x -> Ops.reluInPlace(Ops.shift(x, -.5)));
    layers.put("relu6", x -> Ops.relu6InPlace(Ops.affine(x, 20, -5)));
    layers.put("tanh", x -> Ops.tanhInPlace(Ops.shift(x, -.5)));
    layers.put("tanh-apart", x -> Ops.add(Ops.tanh(x), x));
    layers.put("instance-norm", Ops::instanceNorm);
    layers.put("unit-channels", x -> Ops.unitChannels(x, TINY));
    layers.put("unit-channels-of-0", x -> Ops.unitChannels(Ops.scale(x, 0), TINY));
    layers.put("every-second", x -> Ops.everyNth(x, 2));
    layers.put("average-inside", x -> Ops.avgPool2d(x, 3, 2, 1, false));
    layers.put("average-counted", x -> Ops.avgPool2d(x, 3, 2, 1, true));
    layers.put("max", x -> Ops.maxPool2d(x, 2));
    layers.put("max-upwards", x -> Ops.maxPool2d(x, 2, 2, 0, true));
    layers.put("max-padded", x -> Ops.maxPool2d(Ops.shift(x, -2), 3, 1, 1, false));
    layers.put("mean", x -> Ops.adaptiveAvgPool2d(x, 1));
    layers.put("means", x -> Ops.adaptiveAvgPool2d(x, 6));
    layers.put("more-means-than-rows", x -> Ops.adaptiveAvgPool2d(Ops.maxPool2d(x, 4), 6));
    layers.put("map-means", Ops::globalAvgPool);
    layers.put("resize", x -> Ops.resize(x, 7, 20));
    layers.put("resize-to-own", x -> Ops.resize(x, SIDE, SIDE));
    layers.put("resize-like", x -> Ops.resizeLike(Ops.maxPool2d(x, 4), x));
    layers.put("resize-like-own", x -> Ops.resizeLike(Ops.scale(x, 2), x));
    layers.put("resize-aligned", x -> Ops.resizeAlignedLike(Ops.maxPool2d(x, 3), x));
    layers.put("resize-one", x -> Ops.resizeAlignedLike(Ops.adaptiveAvgPool2d(x, 1), x));
    layers.put("mirror", x -> Ops.reflectPad(x, 3));
    layers.put(
        "nothing-to-mirror",
        x -> {
          Tensor whole = Shapes.mirrorToMultiple(x, 4); // nothing is missing while recorded
          return Ops.add(Shapes.cutLike(Ops.scale(whole, 2), x), x);
        });
    layers.put("mirror-to-multiple", x -> Shapes.mirrorToMultiple(x, 4));
    layers.put("cut", x -> Shapes.cutLike(Ops.reflectPad(x, 2), x));
    layers.put("cut-nothing", x -> Shapes.cutLike(Ops.scale(x, 3), x));
    layers.put("spread", x -> Shapes.spreadLike(Ops.adaptiveAvgPool2d(x, 1), x));
    layers.put("pad-channels", x -> Shapes.padChannels(x, 2, 3));
    layers.put("to-channels", x -> Shapes.squaresToChannels(Shapes.mirrorToMultiple(x, 2), 2));
    layers.put("to-squares", x -> Shapes.channelsToSquares(x(x, 12), 2));
    layers.put("concatenate", x -> Shapes.concatenate(List.of(x, Ops.scale(x, 2), x), 1));
    layers.put("flatten", x -> Shapes.flatten(Ops.adaptiveAvgPool2d(x, 1)));
    layers.put("as-map", x -> Shapes.asMap(Ops.globalAvgPool(x)));
    layers.put("rows", x -> Shapes.placesToRows(x(x, 8), 4));
    layers.put("columns", x -> Shapes.columnsToRows(columns(x)));
    layers.put("zero-first", x -> Shapes.zeroFirst(columns(x)));
    layers.put("select", x -> Shapes.select(x, 1, 2, 0, 0));
    layers.put("channels-last", x -> Ops.reluInPlace(Ops.channelsLast(Ops.shift(x, -.5))));
    return layers;
  }

  /** {@code channels} of three. */
  private static Tensor x(Tensor x, int channels) {
    return Convolutions.conv2d(x, weight(channels, 3, 1, 1), null, 1, 0, 1);
  }

  /** {@code [N,2,4]}. */
  private static Tensor columns(Tensor x) {
    return Shapes.placesToRows(x(Ops.adaptiveAvgPool2d(x, 1), 8), 4);
  }

  private static Tensor weight(long... shape) {
    return Seed.of(shape.length).child(shape[0]).uniform(-.6, .5, shape);
  }

  static Stream<Arguments> layersByName() {
    return LAYERS.entrySet().stream().map(each -> Arguments.of(each.getKey(), each.getValue()));
  }

  private static SequencedMap<String, Tensor> named(Tensor output) {
    return new LinkedHashMap<>(Map.of("output", output));
  }

  @ParameterizedTest
  @MethodSource("layersByName")
  void computeTheSameInTorchScriptAndOnnxRuntime(String name, Layer layer) {
    try (Scope scope = Scope.open()) {
      Tensor recorded;
      Program program;
      try (Recording recording = Recording.open(Seed.of(1).uniform(0, 1, 1, 3, SIDE, SIDE))) {
        recorded = layer.forward(recording.input());
        program = recording.program(named(recorded));
      }
      ConstantNames names = new ConstantNames(program, new StateDict());
      List<String> free = List.of("A", "B", "C", "D").subList(0, (int) recorded.dim());
      Signature signature = new Signature(SIDE, true, new LinkedHashMap<>(Map.of("output", free)));
      TorchScriptModule module = TorchScriptModule.of(program, names);
      byte[] model = OnnxModel.of(program, names, signature, Map.of()).toByteArray();
      try (OnnxRuntime runtime = new OnnxRuntime(model)) {
        for (long[] shape : SHAPES) {
          Tensor images = Seed.of(2).uniform(0, 1, shape);
          Tensor ours = layer.forward(images);
          assertSame(module.forward(images).getFirst(), ours);
          assertSame(runtime.run(images).get("output"), ours);
        }
      }
    }
  }

  private static void assertSame(Tensor theirs, Tensor ours) {
    assertThat(Ops.shape(theirs)).isEqualTo(Ops.shape(ours));
    assertThat(Ops.toFloats(theirs)).containsExactly(Ops.toFloats(ours), within(2e-5f));
  }

  /** An operator that tells nobody would freeze what it made of the recorded image. */
  @Test
  void noticeAnOperatorThatIsNotRecorded() {
    try (Scope scope = Scope.open();
        Recording recording = Recording.open(Seed.of(1).uniform(0, 1, 1, 3, SIDE, SIDE))) {
      Tensor unseen = recording.input().mul(new Scalar(2));
      assertThatThrownBy(() -> Ops.relu(unseen))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("an input of Relu[] was made by an operator that is not recorded");
      assertThatThrownBy(() -> recording.program(named(unseen)))
          .hasMessageContaining("the output output was made by an operator that is not recorded");
    }
  }

  @Test
  void stepsThatNoOutputNeedsAreLeftOut() {
    try (Scope scope = Scope.open();
        Recording recording = Recording.open(Seed.of(1).uniform(0, 1, 1, 3, SIDE, SIDE))) {
      Convolutions.conv2d(recording.input(), weight(5, 3, 3, 3), null, 1, 1, 1);
      Program program = recording.program(named(Ops.relu(recording.input())));
      assertThat(program.steps()).hasSize(1);
      assertThat(program.constants()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anInnerRecordingEndsWithoutTraceInTheOuter(boolean inner) {
    try (Scope scope = Scope.open();
        Recording outer = Recording.open(Seed.of(1).uniform(0, 1, 1, 3, SIDE, SIDE))) {
      if (inner) {
        try (Recording other = Recording.open(Seed.of(1).uniform(0, 1, 1, 3, SIDE, SIDE))) {
          Ops.relu(other.input());
        }
      }
      assertThat(outer.program(named(Ops.tanh(outer.input()))).steps()).hasSize(1);
    }
  }
}

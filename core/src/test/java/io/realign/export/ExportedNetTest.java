package io.realign.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.align.GeneratorConfig;
import io.realign.align.GeneratorPurifier;
import io.realign.align.SmallGenerators;
import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.target.Architectures;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of every generator, and of every kind of target behind one, give what Realign gives. */
class ExportedNetTest {

  private static final int IMAGES = 64;

  @TempDir private Path folder;

  static Stream<GeneratorConfig> generators() {
    return SmallGenerators.all();
  }

  /** A generator whose corrections are large enough to be seen. */
  static GeneratorPurifier purifier(GeneratorConfig config) {
    Generator generator = config.create(Seed.of(2), Compute.CPU);
    try (NoGradGuard guard = new NoGradGuard()) {
      StateDict weights = generator.params().dict();
      Tensor head = weights.get("head.weight");
      head.copy_(Seed.of(3).normal(.1, Ops.shape(head)));
    }
    return new GeneratorPurifier("g", generator);
  }

  @ParameterizedTest
  @MethodSource("generators")
  void aGeneratorRepairsTheSameImages(GeneratorConfig config) throws IOException {
    try (Scope scope = Scope.open()) {
      ExportedNet net = ExportedNet.of(purifier(config), Optional.empty(), Map.of());
      assertSameElsewhere(net, new long[][] {{IMAGES, 3, 16, 16}, {2, 3, 17, 23}});
    }
  }

  static Stream<Arguments> targets() {
    return Stream.of(
        Arguments.of("cifar-resnet8", 10, new long[][] {{IMAGES, 3, 32, 32}, {2, 3, 36, 28}}),
        Arguments.of("resnet18:64", 10, new long[][] {{4, 3, 64, 64}, {2, 3, 65, 80}}),
        Arguments.of("wrn-10-1", 10, new long[][] {{IMAGES, 3, 32, 32}}),
        Arguments.of("scenes-net", 10, new long[][] {{IMAGES, 3, 32, 32}, {3, 3, 48, 50}}),
        Arguments.of("cifar-adv-cnn-a", 10, new long[][] {{IMAGES, 3, 32, 32}}),
        Arguments.of("cifar-adv-resnet2b", 10, new long[][] {{IMAGES, 3, 32, 32}}),
        Arguments.of("mobilenet-v2:64", 1001, new long[][] {{2, 3, 64, 64}}),
        Arguments.of("deeplabv3-mobilenet-v2:65", 21, new long[][] {{2, 3, 65, 65}}),
        Arguments.of("deeplabv3-compact:64", 11, new long[][] {{4, 3, 64, 64}, {2, 3, 50, 72}}),
        Arguments.of("deeplabv3-compact:32/64", 11, new long[][] {{4, 3, 32, 32}, {2, 3, 40, 72}}),
        Arguments.of("cifar-adv-cnn-a:64/32", 10, new long[][] {{IMAGES, 3, 64, 64}}),
        Arguments.of("ssd-compact-64", 4, new long[][] {{IMAGES, 3, 64, 64}}),
        Arguments.of("ssd-mobilenet-v1", 20, new long[][] {{1, 3, 300, 300}}));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void aTargetBehindAGeneratorSaysTheSame(String name, int classes, long[][] shapes)
      throws IOException {
    try (Scope scope = Scope.open()) {
      ExportedNet net =
          ExportedNet.of(
              purifier(SmallGenerators.compact(1)), Optional.of(target(name, classes)), Map.of());
      assertSameElsewhere(net, shapes);
    }
  }

  private static Target target(String name, int classes) {
    return Targets.trainable(Architectures.sized(name), classes, Seed.of(1), Compute.CPU).freeze();
  }

  /** In libtorch and in ONNX Runtime, from files. */
  private void assertSameElsewhere(ExportedNet net, long[][] shapes) throws IOException {
    Path script = folder.resolve("net.pt");
    Path onnx = folder.resolve("net.onnx");
    net.write(script, ExportFormat.TORCHSCRIPT, Map.of(), (done, total) -> {});
    net.write(onnx, ExportFormat.ONNX, Map.of(), (done, total) -> {});
    JitModule module = torch.load(script.toString());
    try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(onnx));
        NoGradGuard guard = new NoGradGuard()) {
      for (long[] shape : shapes) {
        Tensor images = Seed.of(4).uniform(0, 1, shape);
        SequencedMap<String, Tensor> ours = net.forward(images);
        StateDict theirs = runtime.run(images);
        IValue answer = module.forward(new IValueVector(new IValue(images)));
        assertThat(theirs.names()).containsExactlyElementsOf(ours.sequencedKeySet());
        int i = 0;
        for (Map.Entry<String, Tensor> output : ours.entrySet()) {
          Tensor scripted =
              answer.isTuple() ? answer.toTuple().elements().get(i).toTensor() : answer.toTensor();
          assertThat(Parity.difference(output.getValue(), scripted))
              .as("%s in libtorch", output.getKey())
              .isLessThan(Parity.TOLERANCE);
          assertThat(Parity.difference(output.getValue(), theirs.get(output.getKey())))
              .as("%s in ONNX Runtime", output.getKey())
              .isLessThan(Parity.TOLERANCE);
          i++;
        }
      }
    }
  }

  /** A comparison that cannot fail would prove nothing. */
  @Test
  void aDifferenceIsSeen() {
    try (Scope scope = Scope.open()) {
      Tensor values = Seed.of(1).uniform(0, 1, 3, 4);
      assertThat(Parity.difference(values, Ops.shift(values, 2e-4))).isGreaterThan(1e-4);
      assertThat(Parity.difference(values, values.view(4, 3))).isInfinite();
      assertThat(Parity.difference(values, Ops.scale(values, Double.NaN))).isInfinite();
    }
  }

  @Test
  void theFilesTellWhatTheyHold() throws IOException {
    try (Scope scope = Scope.open()) {
      ExportedNet net =
          ExportedNet.of(
              purifier(SmallGenerators.compact(1)),
              Optional.of(target("cifar-resnet8", 10)),
              Map.of("data", "cifar10", "target", "cifar-resnet8@w.safetensors"));
      Path onnx = folder.resolve("net.onnx");
      Path script = folder.resolve("net.pt");
      Map<String, String> more = Map.of("results", "[1]");
      ExportedNet.Written written = net.write(onnx, ExportFormat.ONNX, more, (d, t) -> {});
      net.write(script, ExportFormat.TORCHSCRIPT, more, (d, t) -> {});

      assertThat(written.signature().imagesText()).isEqualTo("images [N,3,H,W]");
      assertThat(written.signature().outputsText()).isEqualTo("logits [N,10]");
      try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(onnx))) {
        assertThat(runtime.metadata("input_range")).isEqualTo("[0,1]");
        assertThat(runtime.metadata("input_size")).isEqualTo("any, made for 32x32");
        assertThat(runtime.metadata("architecture")).isEqualTo("cifar-resnet8");
        assertThat(runtime.metadata("data")).isEqualTo("cifar10");
        assertThat(runtime.metadata("results")).isEqualTo("[1]");
        assertThat(runtime.metadata("opset")).isEqualTo("17");
      }
      ExtraFilesMap extra = new ExtraFilesMap();
      BytePointer key = new BytePointer(TorchScriptModule.METADATA);
      extra.put(key, "");
      torch.load(script.toString(), new DeviceOptional(), extra);
      assertThat(extra.get(key).getString())
          .contains("\"input_range\":\"[0,1]\"", "\"outputs\":\"logits [N,10]\"");
    }
  }

  @Test
  void weightsAloneCanBeReadAgain() {
    try (Scope scope = Scope.open()) {
      GeneratorPurifier purifier = purifier(SmallGenerators.compact(1));
      Path file = folder.resolve("defense.safetensors");
      DefenseFile.write(
          file,
          purifier.generator().config(),
          purifier.generator().params().dict(),
          Map.of("target", "t", "seed", "1"));
      Path copy = folder.resolve("copy.safetensors");
      ExportedNet.Written written =
          ExportedNet.read(file, Optional.empty())
              .write(copy, ExportFormat.SAFETENSORS, Map.of(), (d, t) -> {});
      assertThat(written.parity()).as("nothing is run").isEmpty();

      Tensor images = Seed.of(5).uniform(0, 1, 2, 3, 16, 16);
      assertThat(Ops.toFloats(DefenseFile.read(copy, Compute.CPU).purify(images)))
          .isEqualTo(Ops.toFloats(purifier.purify(images)));
      assertThat(Safetensors.readMetadata(copy))
          .containsEntry("target", "t")
          .containsEntry("input_range", "[0,1]")
          .containsEntry("outputs", "repaired [N,3,H,W]")
          .containsEntry("format", "realign-defense-1");
    }
  }

  @Test
  void weightsOfATargetAreNoSafetensorsFileOfADefense() {
    try (Scope scope = Scope.open()) {
      ExportedNet net =
          ExportedNet.of(
              purifier(SmallGenerators.compact(1)),
              Optional.of(target("cifar-resnet8", 10)),
              Map.of());
      assertThatThrownBy(
              () ->
                  net.write(
                      folder.resolve("x.safetensors"),
                      ExportFormat.SAFETENSORS,
                      Map.of(),
                      (d, t) -> {}))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("torchscript or onnx");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a.onnx, ONNX",
    "a.b.pt, TORCHSCRIPT",
    "a.ts, TORCHSCRIPT",
    "a.safetensors, SAFETENSORS"
  })
  void theEndingTellsTheFormat(String name, ExportFormat format) {
    assertThat(ExportFormat.of(Path.of(name))).isEqualTo(format);
    assertThat(ExportFormat.parse(format.text())).isEqualTo(format);
  }

  @Test
  void anEndingThatTellsNothingIsRefused() {
    assertThatThrownBy(() -> ExportFormat.of(Path.of("a.bin")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("safetensors, torchscript, onnx");
    assertThatThrownBy(() -> ExportFormat.parse("tflite"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("safetensors, torchscript, onnx");
  }
}

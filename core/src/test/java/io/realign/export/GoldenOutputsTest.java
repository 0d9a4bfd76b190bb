package io.realign.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Realign's outputs for 64 random images are those that PyTorch 1.13 and ONNX Runtime 1.20 gave in
 * Python, from exported files; {@code make_goldens.py} made them.
 */
class GoldenOutputsTest {

  @ParameterizedTest
  @EnumSource
  void areThoseOfPythonAndOfTodaysFile(GoldenNets made, @TempDir Path folder) throws IOException {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      StateDict golden = goldens();
      String name = made.text();
      ExportedNet net = made.net();
      Tensor images = made.images(golden.get(Signature.IMAGES));
      assertThat(images.size(0)).isEqualTo(64);
      Tensor ours = made.kept(net.forward(images));
      for (String runtime : new String[] {"torch", "onnx"}) {
        assertThat(Parity.difference(golden.get(name + "." + runtime), ours))
            .as(runtime)
            .isLessThan(Parity.TOLERANCE);
      }
      Path file = folder.resolve("today.onnx");
      net.write(file, ExportFormat.ONNX, Map.of(), (done, total) -> {});
      try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(file))) {
        SequencedMap<String, Tensor> today = new LinkedHashMap<>();
        runtime.run(images).entries().forEach(each -> today.put(each.getKey(), each.getValue()));
        assertThat(Parity.difference(golden.get(name + ".onnx"), made.kept(today)))
            .isLessThan(Parity.TOLERANCE);
      }
      assertThat(ours.std().item_double()).as("the images differ").isGreaterThan(.01);
    }
  }

  static StateDict goldens() {
    try {
      return Safetensors.read(
          Path.of(
              Objects.requireNonNull(
                      GoldenOutputsTest.class.getResource("/export/goldens.safetensors"))
                  .toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}

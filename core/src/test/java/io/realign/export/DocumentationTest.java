package io.realign.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.Document;
import io.realign.io.Images;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs in docs/export.md run. */
class DocumentationTest {

  private static final Document DOCUMENT = Document.of("docs/export.md");

  @TempDir private Path folder;

  static String python() {
    String python = System.getProperty("peers.onnx.python");
    if (python == null) {
      throw new IllegalStateException(
          "set -Dpeers.onnx.python to a Python that has torch, onnx, onnxruntime and PIL");
    }
    return python;
  }

  @Test
  void theJavaProgramRepairsImages() throws Exception {
    try (Scope scope = Scope.open()) {
      GoldenNets.G.net()
          .write(folder.resolve("defense.onnx"), ExportFormat.ONNX, Map.of(), (d, t) -> {});
    }
    assertThat(DOCUMENT.block("java").run("Repair", folder)).isEqualTo("3 channels of 32 rows");
  }

  @Test
  @Tag("peers")
  void thePythonProgramRepairsAnImage() throws Exception {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      ExportedNet net = GoldenNets.G.net();
      net.write(folder.resolve("defense.pt"), ExportFormat.TORCHSCRIPT, Map.of(), (d, t) -> {});
      Tensor image = Seed.of(1).uniform(0, 1, 1, 3, 18, 21);
      Images.writePng(folder.resolve("attacked.png"), Images.fromTensor(image).getFirst());
      String program = DOCUMENT.block("python").text();
      Path script = Files.writeString(folder.resolve("repair.py"), program);

      assertThat(Document.run(List.of(python(), script.toString()), folder))
          .isEqualTo("images [N,3,H,W]");
      Tensor attacked = Images.toTensor(List.of(Images.read(folder.resolve("attacked.png"))));
      Tensor repaired = Images.toTensor(List.of(Images.read(folder.resolve("repaired.png"))));
      Tensor ours = net.forward(attacked).firstEntry().getValue();
      assertThat(repaired.sub(ours).abs().max().item_double()).isLessThan(.51 / 255);
      assertThat(Ops.shape(repaired)).containsExactly(1, 3, 18, 21);
    }
  }
}

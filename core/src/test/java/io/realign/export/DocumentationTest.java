package io.realign.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs in docs/export.md run. */
class DocumentationTest {

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
      GoldenNets.generator()
          .write(folder.resolve("defense.onnx"), ExportFormat.ONNX, Map.of(), (d, t) -> {});
    }
    Path source = Files.writeString(folder.resolve("Repair.java"), block("java"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String classes = System.getProperty("java.class.path");
    int compiled =
        compiler.run(
            null,
            null,
            null,
            "-proc:none",
            "-d",
            folder.toString(),
            "-cp",
            classes,
            source.toString());
    assertThat(compiled).isZero();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    assertThat(run(List.of(java, "-cp", folder + ":" + classes, "Repair")))
        .isEqualTo("3 channels of 32 rows");
  }

  @Test
  @Tag("peers")
  void thePythonProgramRepairsAnImage() throws Exception {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      ExportedNet net = GoldenNets.generator();
      net.write(folder.resolve("defense.pt"), ExportFormat.TORCHSCRIPT, Map.of(), (d, t) -> {});
      Tensor image = Seed.of(1).uniform(0, 1, 1, 3, 18, 21);
      Images.writePng(folder.resolve("attacked.png"), Images.fromTensor(image).getFirst());
      Path script = Files.writeString(folder.resolve("repair.py"), block("python"));

      assertThat(run(List.of(python(), script.toString()))).isEqualTo("images [N,3,H,W]");
      Tensor attacked = Images.toTensor(List.of(Images.read(folder.resolve("attacked.png"))));
      Tensor repaired = Images.toTensor(List.of(Images.read(folder.resolve("repaired.png"))));
      Tensor ours = net.forward(attacked).firstEntry().getValue();
      assertThat(repaired.sub(ours).abs().max().item_double()).isLessThan(.51 / 255);
      assertThat(Ops.shape(repaired)).containsExactly(1, 3, 18, 21);
    }
  }

  private String run(List<String> command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return said.strip();
  }

  /** The program of that language. */
  private static String block(String language) throws IOException {
    String text = Files.readString(Path.of("../docs/export.md"));
    Matcher found = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(text);
    assertThat(found.find()).as("a program in %s", language).isTrue();
    return found.group(1);
  }
}

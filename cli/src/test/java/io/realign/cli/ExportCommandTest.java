package io.realign.cli;

import static java.util.regex.Pattern.quote;
import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.io.Checksum;
import io.realign.io.Safetensors;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code export}: what it writes, what it says, what it refuses. */
final class ExportCommandTest {

  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path defense = Path.of("");

  @BeforeEach
  void aDefense() {
    defense = folder.resolve("defense.safetensors");
    try (Scope scope = Scope.open()) {
      List<Double> halves = List.of(.5, .5, .5);
      Generator generator =
          new CompactGenerator.Config(4, 1, 0, 0, .1, halves, halves)
              .create(Seed.of(1), Compute.CPU);
      DefenseFile.write(
          defense, generator.config(), generator.params().dict(), Map.of("data", "scenes"));
    }
  }

  private int run(String... args) {
    return Main.run(args, new PrintWriter(out), new PrintWriter(err));
  }

  @Test
  void theEndingChoosesTheFormatAndOneLineTellsTheShapes() throws IOException {
    Path file = folder.resolve("g.onnx");
    assertThat(run("export", defense.toString(), "--out", file.toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .matches(
            quote(file + ": onnx, images [N,3,H,W] to repaired [N,3,H,W]; the same program as")
                + " TorchScript is at most \\S+ from ours on 4 random images, the graph itself was"
                + " not run\\R");
    assertThat(file).isNotEmptyFile();
    assertThat(Files.list(folder)).hasSize(2);
  }

  @Test
  void aTargetGoesIntoTheSameFile() {
    Path net = folder.resolve("net.safetensors");
    Targets.trainable("cifar-resnet8", 7, Seed.of(1), Compute.CPU).save(net);
    String[] command = {
      "export",
      defense.toString(),
      "--format",
      "torchscript",
      "--target",
      "cifar-resnet8@" + net,
      "--out",
      folder.resolve("both.bin").toString()
    };
    assertThat(run(command)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .matches(
            quote(folder + "/both.bin: torchscript, images [N,3,H,W] to logits [N,7]; the file,")
                + " read back, is at most \\S+ from ours on 4 random images\\R");
  }

  @Test
  void aTorchScriptTargetGoesIntoTheSameFileIfItIsTrusted() throws IOException {
    Path yaml = ScriptNet.write(folder);
    Path file = folder.resolve("both.pt");
    String[] untrusted = {
      "export", defense.toString(), "--target", yaml.toString(), "--out", file.toString()
    };
    assertThat(run(untrusted)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("--trust-script lets net.pt run");
    assertThat(file).doesNotExist();

    String[] trusted = {
      "export",
      defense.toString(),
      "--target",
      yaml.toString(),
      "--trust-script",
      "--out",
      file.toString()
    };
    assertThat(run(trusted)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .matches(
            quote(file + ": torchscript, images [N,3,H,W] to logits [N,7]; the file,")
                + " read back, is at most \\S+ from ours on 4 random images\\R");

    err.getBuffer().setLength(0);
    trusted[trusted.length - 1] = folder.resolve("both.onnx").toString();
    assertThat(run(trusted)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().strip())
        .endsWith(
            folder.resolve("net.pt")
                + " is TorchScript, which no ONNX file can hold: export the defense alone as onnx,"
                + " without the target, or both as torchscript");
  }

  @Test
  void aFileThatIsThereIsKept() throws IOException {
    Path file = Files.writeString(folder.resolve("g.pt"), "mine");
    String[] command = {"export", defense.toString(), "--out", file.toString()};
    assertThat(run(command)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("g.pt is there already");
    assertThat(file).hasContent("mine");

    assertThat(run("export", defense.toString(), "--out", file.toString(), "--overwrite"))
        .isEqualTo(ExitCode.DONE);
    assertThat(Files.size(file)).isGreaterThan(1000);
  }

  @Test
  void theDefenseItselfIsNotWrittenOverUnasked() {
    assertThat(run("export", defense.toString(), "--out", defense.toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
  }

  @Test
  void resultsOfThisDefenseGoIntoTheMetadata() throws IOException {
    Path results = Files.writeString(folder.resolve("r.json"), results(Checksum.sha256(defense)));
    Path file = folder.resolve("copy.safetensors");
    String[] command = {
      "export", defense.toString(), "--results", results.toString(), "--out", file.toString()
    };
    assertThat(run(command)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(Safetensors.readMetadata(file).get("results")).contains("\"value\": 0.5");
    assertThat(out.toString()).endsWith("; the weights as they are, nothing was run\n");
  }

  @Test
  void resultsOfAnotherDefenseAreRefused() throws IOException {
    Path results = Files.writeString(folder.resolve("r.json"), results("0".repeat(64)));
    Path file = folder.resolve("g.onnx");
    String[] command = {
      "export", defense.toString(), "--results", results.toString(), "--out", file.toString()
    };
    assertThat(run(command)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("r.json holds no results of this defense");
    assertThat(file).doesNotExist();
  }

  @Test
  void wrongInputIsOneLine() throws IOException {
    Path text = Files.writeString(folder.resolve("text.safetensors"), "no tensors");
    List<String[]> wrong =
        List.of(
            new String[] {"export", text.toString(), "--out", folder + "/a.onnx"},
            new String[] {"export", folder + "/none", "--out", folder + "/a.onnx"},
            new String[] {"export", defense.toString(), "--out", folder + "/a.bin"},
            new String[] {"export", defense.toString(), "--format", "h5", "--out", folder + "/a"},
            new String[] {
              "export", defense.toString(), "--target", "what", "--out", folder + "/a.onnx"
            });
    for (String[] command : wrong) {
      err.getBuffer().setLength(0);
      assertThat(run(command)).as(String.join(" ", command)).isEqualTo(ExitCode.WRONG_INPUT);
      assertThat(err.toString().strip().lines()).as(err.toString()).hasSize(1);
    }
  }

  private static String results(String sha256) {
    return """
    [{"task": "classification", "dataset": "scenes", "split": "test", "target": "cifar-resnet8",
      "defense": "defense.safetensors", "attack": null, "threat": null, "metric": "accuracy",
      "value": 0.5, "n": 10, "interval": [0.2, 0.8], "seconds": 1.0, "seed": 0, "commit": "c",
      "machine": "m", "versions": {"java": "25"},
      "weights": {"target": null, "defense": "%s"}}]
    """
        .formatted(sha256);
  }
}

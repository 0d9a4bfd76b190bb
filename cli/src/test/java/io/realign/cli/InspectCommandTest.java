package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(args, new PrintWriter(out), new PrintWriter(err));
  }

  private String program(String input) {
    JitModule module = new JitModule(new QualifiedName("net"));
    module.register_buffer("weight", Seed.of(1).uniform(-1, 1, 10, 3, 3, 3));
    module.define(
        """
        def forward(self, x):
            return torch.conv2d(%s, self.weight).mean([2, 3])
        """
            .formatted(input));
    Path file = folder.resolve("net.pt");
    module.save(file.toString());
    return file.toString();
  }

  @Test
  void readsAProgramAndRunsItOnlyWhenTrusted() {
    String file = program("x");
    assertThat(run("inspect", file)).isZero();
    assertThat(out.toString())
        .contains("forward(x: Tensor) -> Tensor", "not run: --trust-script")
        .doesNotContain("can be attacked");
    String yaml = folder.resolve("net.yaml").toString();
    assertThat(run("inspect", file, "--write-config", yaml)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(run("inspect", file, "--trust-script", "--write-config", yaml)).isZero();
    assertThat(out.toString()).contains("can be attacked: the same answer twice");
    assertThat(run("inspect", file, "--trust-script", "--write-config", yaml))
        .isEqualTo(ExitCode.WRONG_INPUT); // nothing is overwritten
    assertThat(run("inspect", yaml)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("--trust-script").hasLineCount(1);
    assertThat(run("inspect", yaml, "--trust-script")).isZero();
    assertThat(out.toString()).contains("classification, 10 classes, images of 32×32");
  }

  @Test
  void failsForAProgramWithoutGradients() {
    String file = program("torch.round(x * 255) / 255");
    assertThat(run("inspect", file, "--trust-script")).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString()).contains("cannot be attacked: its gradients by the image are 0");
  }

  @Test
  void saysWhichArchitectureWeightsFit() throws IOException {
    Path weights = folder.resolve("w.safetensors");
    Targets.trainable("wrn-10-1", 7, Seed.of(1), Compute.CPU).save(weights);
    assertThat(run("inspect", weights.toString())).isZero();
    assertThat(out.toString()).contains("fits --target wrn-10-1@", "7 classes", "can be attacked");
    Path text = folder.resolve("x.safetensors");
    Files.writeString(text, "no weights");
    assertThat(run("inspect", text.toString())).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("x.safetensors").hasLineCount(1);
    assertThat(run("inspect", folder.resolve("none.pt").toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
  }

  @Test
  void attacksAProgramAsAUserWould() throws IOException {
    program("x");
    Path yaml = folder.resolve("net.yaml");
    Files.writeString(
        yaml,
        """
        file: net.pt
        task: classification
        classes: [disc, ring, square, frame, triangle, cross, star, stripes, checks, dots]
        imageSize: 32
        mean: [0, 0, 0]
        deviation: [1, 1, 1]
        """);
    String images = folder.resolve("attacked").toString();
    String[] attack = {
      "attack", "--target", yaml.toString(), "--data", "scenes", "--limit", "2", "--out", images,
    };
    assertThat(run(attack)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("--trust-script").hasLineCount(1);
    String[] trusted = java.util.Arrays.copyOf(attack, attack.length + 1);
    trusted[attack.length] = "--trust-script";
    assertThat(run(trusted)).as(err.toString()).isZero();
    assertThat(err.toString()).contains("distributions are aligned in the logits");
    assertThat(Path.of(images, "00001.png")).exists();
  }
}

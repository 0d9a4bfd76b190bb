package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Safetensors;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
    assertThat(run("inspect", file)).isEqualTo(ExitCode.UNKNOWN);
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

  private String trained(String architecture, int classes) {
    Path file = folder.resolve(architecture + ".safetensors");
    Targets.trainable(architecture, classes, Seed.of(1), Compute.CPU).save(file);
    return file.toString();
  }

  @Test
  void believesTheMetadataOfOurOwnWeights() {
    for (String name : List.of("ssd-compact-64", "ssd-compact-128", "resnet50-64")) {
      String file = trained(name, 10);
      assertThat(run("inspect", file)).as(err.toString()).isZero();
      assertThat(out.toString())
          .contains("fits --target %s@%s, as its metadata say".formatted(name, file), "10 classes")
          .doesNotContain("several");
    }
    String file = folder.resolve("resnet50-64.safetensors").toString();
    assertThat(
            run(
                "attack",
                "--target",
                "resnet50-cifar@" + file,
                "--data",
                "scenes",
                "--out",
                folder.resolve("attacked").toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualTo(
            "realign: %s holds a resnet50-64, as its metadata say, no resnet50-cifar: --target resnet50-64@%s%n"
                .formatted(file, file));
  }

  @Test
  void listsAllArchitecturesThatShapesDoNotTellApart() {
    Path file = folder.resolve("masks.safetensors");
    Safetensors.write(
        file,
        Targets.trainable("deeplabv3-resnet50", 4, Seed.of(1), Compute.CPU).params().dict(),
        Map.of(Targets.IMAGE_SIZE, "64"));
    assertThat(run("inspect", file.toString())).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains(
            """
            fits several architectures, and nothing in it says which it is for:
              --target deeplabv3-resnet50-torchvision@%s
                torchvision's dilations: for weights that torchvision published or trained
              --target deeplabv3-resnet50@%s
                the paper's dilations: for nets trained here
            tried as deeplabv3-resnet50-torchvision:
            segmentation, 4 classes, images of 64×64"""
                .formatted(file, file));
  }

  @Test
  void saysThatTensorsAreNotWhatTheirMetadataName() {
    Path file = folder.resolve("wrong.safetensors");
    Safetensors.write(
        file,
        Targets.trainable("wrn-10-1", 4, Seed.of(1), Compute.CPU).params().dict(),
        Map.of(Targets.ARCHITECTURE, "wrn-16-1"));
    assertThat(run("inspect", file.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString())
        .contains("does not fit wrn-16-1, which its metadata name", "nearest: wrn-10-1, ");
  }

  @Test
  void looksAtTheProgramThatTheDescriptionIsOf() throws IOException {
    String file = program("x");
    Path yaml = folder.resolve("net.yaml");
    assertThat(run("inspect", file, "--trust-script", "--write-config", yaml.toString())).isZero();
    String[] described = {"--config", yaml.toString(), "--trust-script"};
    assertThat(run("inspect", file, described[0], described[1], described[2])).isZero();
    assertThat(out.toString()).contains("can be attacked");
    String missing = folder.resolve("missing.pt").toString();
    assertThat(run("inspect", missing, described[0], described[1], described[2]))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).isEqualTo("realign: %s: no such file%n".formatted(missing));
    Path other = Files.copy(Path.of(file), folder.resolve("other.pt"));
    assertThat(run("inspect", other.toString(), described[0], described[1], described[2]))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualTo(
            "realign: %s describes %s, not %s: give that file, or the --config of this one%n"
                .formatted(yaml, file, other));
    assertThat(out.toString()).isEmpty();
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

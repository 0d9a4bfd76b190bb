package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.GeneratorPurifier;
import io.realign.align.PyramidGenerator;
import io.realign.io.Yaml;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Files of earlier versions stay readable: those of the committed results. */
class CommittedRunTest {

  private static final Path RESULTS = Path.of("..", "results");
  private static final Path RUN = RESULTS.resolve("cifar10-resnet20");
  private static final Path MASKS = RESULTS.resolve("voc-segmentation");

  @Test
  void itsDefenseRepairsImages() {
    try (Scope scope = Scope.open()) {
      GeneratorPurifier purifier =
          DefenseFile.read(RUN.resolve("defense.safetensors"), Compute.CPU);
      assertThat(purifier.generator().config())
          .isInstanceOfSatisfying(
              CompactGenerator.Config.class,
              config -> {
                assertThat(config.patch()).isEqualTo(1);
                assertThat(config.filters()).isEqualTo(16);
              });
      Tensor images = Seed.of(1).uniform(0, 1, 2, 3, 32, 32);
      assertThat(Ops.shape(purifier.purify(images))).isEqualTo(Ops.shape(images));
    }
  }

  @Test
  void theOneOfMasksRepairsImagesForItsTarget() {
    try (Scope scope = Scope.open()) {
      GeneratorPurifier purifier =
          DefenseFile.read(MASKS.resolve("defense.safetensors"), Compute.CPU);
      assertThat(purifier.generator()).isInstanceOf(PyramidGenerator.class);
      Target target =
          Targets.load(
              "deeplabv3-mobilenet-v2@" + MASKS.resolve("target.safetensors"), Compute.CPU);
      assertThat(target.imageSize()).isEqualTo(128);
      Tensor images = Seed.of(1).uniform(0, 1, 1, 3, 128, 128);
      Tensor logits = target.forward(purifier.purify(images)).logits();
      assertThat(Ops.shape(logits)).containsExactly(1, 21, 128, 128);
      assertThat(Yaml.read(MASKS.resolve("config.yaml"), DefenseConfig.class).generator())
          .isInstanceOf(PyramidGenerator.Config.class);
    }
  }

  @Test
  void itsConfigurationIsRead() {
    DefenseConfig config = Yaml.read(RUN.resolve("config.yaml"), DefenseConfig.class);
    assertThat(config.profile()).isEqualTo(Profile.SMALL);
    assertThat(config.generator()).isInstanceOf(CompactGenerator.Config.class);
  }
}

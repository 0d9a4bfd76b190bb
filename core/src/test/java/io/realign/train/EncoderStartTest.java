package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.CompactGenerator;
import io.realign.align.Generator;
import io.realign.align.GeneratorConfig;
import io.realign.align.LossPreset;
import io.realign.align.PyramidGenerator;
import io.realign.align.Variant;
import io.realign.nn.Conv2d;
import io.realign.nn.StateDict;
import io.realign.target.Architectures;
import io.realign.target.PyramidTrunk;
import io.realign.target.ResidualTrunk;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Compute.Precision;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small generator's encoder starts from the target, whatever the task. */
class EncoderStartTest {

  private static Target target(String architecture) {
    return Targets.trainable(architecture, 10, Seed.of(3), Compute.CPU).freeze();
  }

  private static GeneratorConfig small(Target target) {
    return Profiles.resolve(
            Profile.SMALL,
            new Profiles.Request(
                target.name() + "@target.safetensors",
                "scenes",
                target.imageSize(),
                target.classes(),
                1_000,
                Variant.RELEASED,
                LossPreset.FULL,
                "",
                List.of(),
                target.trunk(),
                1,
                Precision.FP32,
                target.task().labelling()),
            1)
        .generator();
  }

  @ParameterizedTest
  @CsvSource({"cifar-resnet8, 1", "cifar-resnet20, 3", "deeplabv3-compact, 1", "ssd-compact-64, 1"})
  void isACopyOfTheTargetsConvolutions(String architecture, int blocks) {
    try (Scope scope = Scope.open()) {
      Target target = target(architecture);
      CompactGenerator.Config config = (CompactGenerator.Config) small(target);
      assertThat(config.patch()).isEqualTo(1);
      assertThat(config.trunkBlocks()).isEqualTo(blocks);
      ResidualTrunk trunk = (ResidualTrunk) target.trunk().orElseThrow();
      Generator generator = config.create(Seed.of(4), Compute.CPU);
      generator.startFrom(target);
      assertThat(Ops.toFloats(generator.params().dict().get("trunk.stem.weight")))
          .isEqualTo(Ops.toFloats(trunk.convolutions().getFirst().weight()));
      Conv2d last = trunk.convolutions().getLast();
      String name = "trunk.2." + (blocks - 1) + ".conv2.weight";
      assertThat(Ops.toFloats(generator.params().dict().get(name)))
          .isEqualTo(Ops.toFloats(last.weight()));
    }
  }

  @ParameterizedTest
  @CsvSource({"deeplabv3-mobilenet-v2, 21, 128", "ssd-mobilenet-v1, 20, 300"})
  void isACopyOfTheTargetsBody(String architecture, int classes, int side) {
    try (Scope scope = Scope.open()) {
      Target target =
          Targets.trainable(
                  Architectures.of(architecture).forImages(side), classes, Seed.of(3), Compute.CPU)
              .freeze();
      Generator generator = small(target).create(Seed.of(4), Compute.CPU);
      assertThat(generator).isInstanceOf(PyramidGenerator.class);
      generator.startFrom(target);
      PyramidTrunk body = (PyramidTrunk) target.trunk().orElseThrow();
      List<String> copied =
          generator.params().dict().names().stream()
              .filter(name -> name.startsWith(Generator.TRUNK))
              .toList();
      assertThat(copied).hasSizeGreaterThan(40);
      for (String name : copied) {
        Tensor theirs = body.weights().get(name.substring(Generator.TRUNK.length()));
        assertThat(generator.params().dict().get(name).equal(theirs)).as(name).isTrue();
      }
      Tensor images = Seed.of(1).uniform(.2, .8, 1, 3, side, side);
      generator.params().freeze();
      assertThat(generator.forward(images).sub(images).abs().max().item_double())
          .isBetween(1e-6, .05);
    }
  }

  @Test
  void aGeneratorLeavesATargetOfAnotherBodyAlone() {
    try (Scope scope = Scope.open()) {
      Generator generator = small(target("ssd-compact-64")).create(Seed.of(4), Compute.CPU);
      StateDict before = generator.params().dict().copy();
      generator.startFrom(target("cifar-resnet20")); // three blocks a stage, not one
      generator.startFrom(target("scenes-net"));
      for (String name : before.names()) {
        assertThat(generator.params().dict().get(name).equal(before.get(name))).isTrue();
      }
    }
  }

  @Test
  void otherTargetsGetOneOfTheirImagesSize() {
    Target target = target("scenes-net");
    assertThat(target.trunk()).isEmpty();
    assertThat(((CompactGenerator.Config) small(target)).patch()).isEqualTo(1);
    Target masks =
        Targets.trainable(
                Architectures.of("deeplabv3-resnet50").forImages(64), 21, Seed.of(3), Compute.CPU)
            .freeze();
    assertThat(((CompactGenerator.Config) small(masks)).patch()).isEqualTo(2);
  }
}

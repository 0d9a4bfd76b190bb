package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.realign.align.Discriminator;
import io.realign.align.GlobalGenerator;
import io.realign.align.LossPreset;
import io.realign.align.LossWeights;
import io.realign.align.Variant;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.torch.Compute.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code --config} reads is what a run wrote. */
class DefenseConfigTest {

  private final Path folder;

  DefenseConfigTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static DefenseConfig resolved(Profile profile, Variant variant, LossPreset loss) {
    return Profiles.resolve(
        profile,
        new Profiles.Request(
            "cifar-resnet20@resnet20.safetensors",
            "cifar10",
            32,
            10,
            40_000,
            variant,
            loss,
            "vgg19.safetensors",
            List.of(1, 2, 3),
            Optional.empty(),
            7,
            Precision.BF16),
        2);
  }

  private DefenseConfig read(String yaml) throws IOException {
    return Yaml.read(Files.writeString(folder.resolve("config.yaml"), yaml), DefenseConfig.class);
  }

  @ParameterizedTest
  @EnumSource
  void survivesYaml(LossPreset loss) throws IOException {
    for (Profile profile : Profile.values()) {
      for (Variant variant : Variant.values()) {
        DefenseConfig config = resolved(profile, variant, loss);
        assertThat(read(Yaml.write(config))).isEqualTo(config);
      }
    }
  }

  @Test
  void refusesKeysThatItDoesNotKnowOrLacks() {
    String yaml = Yaml.write(resolved(Profile.PUBLISHED, Variant.PAPER, LossPreset.FULL));
    assertRefused(yaml + "learning_rates: 3\n", "learning_rates");
    assertRefused(yaml.replaceFirst("(?m)^batch: .*\n", ""), "batch");
    assertRefused(yaml.replaceFirst("(?m)^variant: .*$", "variant: papyrus"), "variant");
    assertRefused(yaml.replaceFirst("(?m)^batch: .*$", "batch: many"), "batch");
    assertRefused(yaml.replaceFirst("(?m)^shards: .*$", "shards: 0"), "shards 0");
    assertRefused(yaml.replaceFirst("global", "huge"), "huge");
    assertRefused("[1, 2", "config.yaml");
  }

  private void assertRefused(String yaml, String name) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> read(yaml))
        .withMessageContaining("config.yaml")
        .withMessageContaining(name)
        .withMessageNotContaining("\n");
  }

  @Test
  void ofTheProfilePublishedIsThePapersAndTheReleases() {
    DefenseConfig config = resolved(Profile.PUBLISHED, Variant.RELEASED, LossPreset.FULL);
    assertThat(config.generator()).isEqualTo(new GlobalGenerator.Config(64, 2, 9));
    assertThat(config.discriminator()).isEqualTo(new Discriminator.Config(64, 3, 2, 10));
    assertThat(config.weights()).isEqualTo(LossWeights.published());
    assertThat(config.attacks()).containsExactly(new TrainingAttack("pgd-kl", .031, .0175, 4, 1));
    assertThat(config.optimiser().generatorRate()).isEqualTo(2e-4);
    assertThat(config.optimiser().discriminatorRate()).isEqualTo(2e-4);
    assertThat(config.optimiser().beta1()).isEqualTo(.5);
    assertThat(config.optimiser().beta2()).isEqualTo(.999);
    assertThat(config.optimiser().averaging()).isZero();
    assertThat(config.batch()).isEqualTo(64);
    assertThat(config.shards()).isEqualTo(1);
    assertThat(config.replay()).isEqualTo(DefenseConfig.Replay.NONE);
    assertThat(config.optimiser().schedule()).isEqualTo(new Schedule(2 * 625, 0, .5));
    assertThat(Profiles.defaultEpochs(Profile.PUBLISHED)).isEqualTo(200);
    DefenseConfig paper = resolved(Profile.PUBLISHED, Variant.PAPER, LossPreset.FULL);
    assertThat(paper.discriminator().conditions()).isZero();
  }

  @Test
  void renormalisesTheStagesThatThePerceptualNetHas() {
    DefenseConfig released = resolved(Profile.PUBLISHED, Variant.RELEASED, LossPreset.LI);
    assertThat(released.perceptual().stages()).containsExactly(1, 2, 3);
    assertThat(released.perceptual().stageWeights().stream().mapToDouble(w -> w).sum())
        .isEqualTo(1 / 32.0 + 1 / 16.0 + 1 / 8.0 + 1 / 4.0 + 1);
    assertThat(released.perceptual().stageWeights().get(2))
        .isEqualTo(4 * released.perceptual().stageWeights().get(0));
    assertThat(resolved(Profile.PUBLISHED, Variant.PAPER, LossPreset.LF).perceptual())
        .isEqualTo(DefenseConfig.Perceptual.NONE);
  }

  /** Ten passes of 10 steps, and 30 steps of which no quarter ends one or two before the end. */
  @Test
  void looksAfterEachPassOrQuarterAndNotTwiceAtTheEnd() {
    DefenseConfig config = TinyRun.config(1, 2); // 16 images a step
    assertThat(config.withEpochs(10, 165).validateEvery()).isEqualTo(10);
    assertThat(config.withEpochs(10, 165).optimiser().schedule().steps()).isEqualTo(100);
    assertThat(config.lasting(30, 16_000).validateEvery()).isEqualTo(8);
    assertThat(config.lasting(1, 3).validateEvery()).isEqualTo(1);
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Schedule(0, 0, .5))
        .withMessageContaining("0 steps");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DefenseConfig.Optimiser(-1, 1, 1, .5, .9, 0, new Schedule(1, 0, .5)))
        .withMessageContaining("-1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DefenseConfig.Optimiser(1, 1, 1, .5, 1.5, 0, new Schedule(1, 0, .5)))
        .withMessageContaining("1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TrainingAttack("pgd", .03, .01, 2, 1.5))
        .withMessageContaining("1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttackMix(List.of(new TrainingAttack("pgd", .03, .01, 2, .5))))
        .withMessageContaining("0.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Variant.named("papyrus"))
        .withMessage("unknown variant 'papyrus': one of paper, released");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Profile.named("tiny"))
        .withMessage("unknown profile 'tiny': one of published, small");
  }
}

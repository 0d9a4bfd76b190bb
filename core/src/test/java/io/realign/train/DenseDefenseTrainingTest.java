package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.GlobalGenerator;
import io.realign.align.LossPreset;
import io.realign.align.LossWeights;
import io.realign.align.Variant;
import io.realign.data.Augmentation;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.data.Subset;
import io.realign.io.Yaml;
import io.realign.target.Architectures;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Defenses of masks and boxes: every loss of the ablation, both variants, both profiles. */
@ExtendWith(OneCore.class)
class DenseDefenseTrainingTest {

  private static final int IMAGES = 16;
  private static final int STEPS = 2;

  @TempDir private Path folder = Path.of("");

  private static Target target(Labelling labelling) {
    return Targets.trainable(
            labelling == Labelling.MASKS
                ? Architectures.of("deeplabv3-compact").forImages(48)
                : Architectures.of("ssd-compact-64"),
            labelling == Labelling.MASKS ? 11 : 10,
            Seed.of(1),
            Compute.CPU)
        .freeze();
  }

  private static Profiles.Request request(
      Labelling labelling, int side, String loss, Variant variant) {
    return new Profiles.Request(
        "net@none",
        "scenes",
        side,
        labelling == Labelling.MASKS ? 11 : 10,
        IMAGES,
        variant,
        LossPreset.named(loss),
        "",
        List.of(),
        Optional.empty(),
        7,
        Compute.Precision.FP32,
        labelling);
  }

  @ParameterizedTest
  @CsvSource({
    "MASKS, full, PAPER",
    "MASKS, full, RELEASED",
    "MASKS, LI, PAPER",
    "MASKS, LF, RELEASED",
    "MASKS, LI+F, PAPER",
    "MASKS, LT, RELEASED",
    "MASKS, LT+F, PAPER",
    "BOXES, full, PAPER",
    "BOXES, full, RELEASED",
    "BOXES, LI, RELEASED",
    "BOXES, LF, PAPER",
    "BOXES, LI+F, RELEASED",
    "BOXES, LT, PAPER",
    "BOXES, LT+F, RELEASED",
  })
  void everyLossAndVariantTrains(Labelling labelling, String loss, Variant variant)
      throws IOException {
    Target target = target(labelling);
    Dataset images = Subset.first(Scenes.ofMany(target.imageSize(), Part.TRAIN), IMAGES);
    DefenseConfig usual =
        Profiles.resolve(Profile.SMALL, request(labelling, target.imageSize(), loss, variant), 1)
            .withImages(8, new DefenseConfig.Replay(1, 2))
            .withSteps(STEPS, STEPS);
    Path few = folder.resolve("config.yaml");
    Files.writeString(few, Yaml.write(usual).replaceFirst("batch: \\d+", "batch: 4"));
    DefenseConfig config = Yaml.read(few, DefenseConfig.class);
    DefenseTraining.Inputs inputs =
        new DefenseTraining.Inputs(
            target,
            "",
            target.task(),
            images,
            Subset.first(images, 8),
            Optional.empty(),
            Compute.CPU,
            Optional.empty());
    Path out = folder.resolve("run");
    assertThat(
            DefenseTraining.run(
                config, inputs, out, false, Duration.ofDays(1), List.of(), () -> false))
        .isTrue();
    assertThat(out.resolve(DefenseTraining.DEFENSE)).isNotEmptyFile();
    assertThat(Checkpoint.read(out.resolve(DefenseTraining.CHECKPOINT)).step()).isEqualTo(STEPS);
    assertThat(Files.readString(out.resolve("metrics.jsonl")))
        .doesNotContain("NaN")
        .contains(
            LossPreset.named(loss).pixels().isEmpty() ? "feature_reconstruction" : "\"loss\"");
  }

  /** Section 4 of the paper: sizes of G, images a step, attacks; and the weights of detection. */
  @Test
  void thePublishedProfileIsThePapers() {
    DefenseConfig masks =
        Profiles.resolve(
            Profile.PUBLISHED, request(Labelling.MASKS, 425, "full", Variant.PAPER), 1);
    DefenseConfig boxes =
        Profiles.resolve(
            Profile.PUBLISHED, request(Labelling.BOXES, 300, "full", Variant.PAPER), 1);
    assertThat(masks.generator()).isEqualTo(GlobalGenerator.Config.published(425, 512));
    assertThat(boxes.generator()).isEqualTo(GlobalGenerator.Config.published(300, 256));
    assertThat(masks.imagesPerStep()).isEqualTo(1);
    assertThat(boxes.imagesPerStep()).isEqualTo(4);
    assertThat(masks.attacks()).containsExactly(new TrainingAttack("bim", .03, .01, 3, 1));
    assertThat(boxes.attacks())
        .containsExactly(
            new TrainingAttack("cls", 8 / 255.0, 8 / 255.0, 1, .5),
            new TrainingAttack("loc", 8 / 255.0, 8 / 255.0, 1, .5));
    assertThat(masks.weights()).isEqualTo(LossWeights.published());
    for (Labelling labelling : List.of(Labelling.MASKS, Labelling.BOXES)) {
      Dataset images = Scenes.ofMany(labelling == Labelling.MASKS ? 425 : 300, Part.TRAIN);
      Augmentation published = Augmentation.published(labelling, images);
      assertThat(Profiles.augmentation(Profile.PUBLISHED, labelling, images)).isEqualTo(published);
      assertThat(
              Recipe.augmentation(
                  Architectures.of(
                      labelling == Labelling.MASKS ? "pspnet-resnet50" : "rfbnet300-vgg16"),
                  images))
          .isEqualTo(published);
      assertThat(published.ofOriginals()).isTrue();
    }
    assertThat(boxes.weights().interClass()).isEqualTo(.05);
    assertThat(boxes.weights().intraClass()).isEqualTo(1);
    DefenseConfig released =
        Profiles.resolve(
            Profile.PUBLISHED, request(Labelling.BOXES, 300, "full", Variant.RELEASED), 1);
    assertThat(released.weights().intraClass()).isZero();
  }
}

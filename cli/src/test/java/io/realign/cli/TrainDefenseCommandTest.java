package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.DefenseFile;
import io.realign.align.LossPreset;
import io.realign.align.Variant;
import io.realign.data.Dataset;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.io.Images;
import io.realign.io.Yaml;
import io.realign.target.Architecture;
import io.realign.target.Architectures;
import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import io.realign.train.Profile;
import io.realign.train.Profiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A defense of 48 pixels for a net of random weights, trained for a few steps. */
final class TrainDefenseCommandTest {

  private static final int SIDE = 48;
  private static final Architecture ARCHITECTURE = Architectures.of("scenes-net").forImages(SIDE);

  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeImagesTargetAndConfiguration() throws IOException {
    Dataset scenes = Scenes.standard(SIDE, Part.TRAIN);
    for (int i = 0; i < 24; i++) {
      Path file = folder.resolve("images/train").resolve(i % 2 == 0 ? "even" : "odd");
      Files.createDirectories(file);
      Images.writePng(file.resolve(i + ".png"), scenes.get(i).image());
    }
    TrainableTarget net = Targets.trainable(ARCHITECTURE, 2, Seed.of(1), Compute.CPU);
    net.save(folder.resolve("net.safetensors"));
    Profiles.Request request =
        new Profiles.Request(
            "scenes-net@elsewhere.safetensors",
            "other",
            SIDE,
            2,
            24,
            Variant.RELEASED,
            LossPreset.named("LI+F"),
            "",
            List.of(),
            Optional.empty(),
            7,
            Compute.Precision.FP32);
    DefenseConfig config =
        Profiles.resolve(Profile.SMALL, request, 1)
            .withImages(4, new DefenseConfig.Replay(1, 2))
            .withSteps(4, 2);
    Files.writeString(
        folder.resolve("base.yaml"), Yaml.write(config).replace("batch: 32", "batch: 4"));
  }

  private int train(String... more) {
    List<String> args = new ArrayList<>(List.of("train", "defense"));
    args.addAll(List.of("--target", "scenes-net@" + folder.resolve("net.safetensors")));
    args.addAll(List.of("--data", "folder", "--data-dir", folder.resolve("images").toString()));
    args.addAll(List.of("--out", folder.resolve("run").toString()));
    args.addAll(List.of(more));
    err.getBuffer().setLength(0);
    return Main.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
  }

  private String base() {
    return folder.resolve("base.yaml").toString();
  }

  private DefenseConfig trained() {
    return Yaml.read(folder.resolve("run").resolve(DefenseTraining.CONFIG), DefenseConfig.class);
  }

  @Test
  void trainsForATargetOfAnySizeAndNamesNoFolder() throws IOException {
    assertThat(train("--config", base())).as(err.toString()).isEqualTo(ExitCode.DONE);

    assertThat(trained().target()).isEqualTo("scenes-net@net.safetensors");
    assertThat(trained().data()).isEqualTo("folder");
    assertThat(trained().seed()).isEqualTo(7);
    Path defense = folder.resolve("run").resolve(DefenseTraining.DEFENSE);
    assertThat(DefenseFile.read(defense, Compute.CPU).generator().config())
        .isEqualTo(trained().generator());
    for (String file : List.of(DefenseTraining.CONFIG, "metrics.jsonl", "defense.safetensors")) {
      byte[] bytes = Files.readAllBytes(folder.resolve("run").resolve(file));
      assertThat(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain(folder.toString());
    }
  }

  @Test
  void takesSeedAndLengthBesideAConfigurationAndRefusesTheRest() {
    assertThat(train("--config", base(), "--loss", "LT")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("--loss and --config exclude each other");
    assertThat(folder.resolve("run")).doesNotExist();

    assertThat(train("--config", base(), "--seed", "3", "--epochs", "1"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(trained().seed()).isEqualTo(3);
    assertThat(trained().optimiser().schedule().steps()).isEqualTo(2); // 23 images by 8
  }

  @Test
  void repeatsImagesOfRareClassesAsTheConfigurationSays() throws IOException {
    String whole = Files.readString(folder.resolve("base.yaml"));
    assertThat(whole).contains("repeatBelow: 0.0");
    Files.writeString(folder.resolve("base.yaml"), whole.replace("Below: 0.0", "Below: 1.0"));
    assertThat(train("--config", base(), "--repeat-below", ".5")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("--repeat-below and --config exclude each other");

    assertThat(train("--config", base(), "--epochs", "1"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(err.toString())
        .containsPattern("in 23 images\\R(2[89]|3\\d) images a pass"); // 23·√2
    assertThat(trained().optimiser().schedule().steps()).isGreaterThan(2);

    Files.writeString(folder.resolve("base.yaml"), whole.replace("repeatBelow: 0.0\n", ""));
    assertThat(train("--config", base(), "--overwrite"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(trained().repeatBelow()).isZero();
  }

  @Test
  void resumesWithTheSameOptionsAloneAndTheSameWeights() throws IOException {
    assertThat(train("--config", base())).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(train("--config", base())).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("holds a run", "--resume", "--overwrite");
    assertThat(train("--config", base(), "--resume")).as(err.toString()).isEqualTo(ExitCode.DONE);

    assertThat(train("--config", base(), "--resume", "--seed", "8"))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("seed: 7, now 8").hasLineCount(1);

    TrainableTarget other = Targets.trainable(ARCHITECTURE, 2, Seed.of(2), Compute.CPU);
    other.save(folder.resolve("net.safetensors"));
    assertThat(train("--config", base(), "--resume")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines().filter(line -> line.startsWith("realign:")))
        .singleElement()
        .asString()
        .contains("another configuration, target, data or start");
  }

  @Test
  void startsFromAnEarlierDefense() throws IOException {
    assertThat(train("--config", base())).as(err.toString()).isEqualTo(ExitCode.DONE);
    Path first = Files.move(folder.resolve("run"), folder.resolve("first"));
    String defense = first.resolve(DefenseTraining.DEFENSE).toString();

    assertThat(train("--config", base(), "--start", folder.resolve("net.safetensors").toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("not a defense").hasLineCount(1);
    String wider =
        Files.readString(folder.resolve("base.yaml")).replaceFirst("range: 0\\.\\d+", "range: 0.5");
    Path other = Files.writeString(folder.resolve("other.yaml"), wider);
    assertThat(train("--config", other.toString(), "--start", defense))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .contains(defense, "its generator is not the one", "--config")
        .hasLineCount(1);
    assertThat(folder.resolve("run")).doesNotExist();

    assertThat(train("--config", base(), "--start", defense, "--seed", "8"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(err.toString()).contains("starting from " + defense);
  }

  @Test
  void overwritesOnlyWhatCanBeTrainedAnew() throws IOException {
    assertThat(train("--config", base())).as(err.toString()).isEqualTo(ExitCode.DONE);
    Path defense = folder.resolve("run").resolve(DefenseTraining.DEFENSE);
    Files.writeString(
        folder.resolve("large.yaml"),
        Files.readString(folder.resolve("base.yaml")).replace("batch: 4", "batch: 400"));

    assertThat(train("--config", folder.resolve("large.yaml").toString(), "--overwrite"))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("too few for a batch of 400").hasLineCount(1);
    assertThat(defense).exists();
    assertThat(train("--config", base(), "--overwrite", "--seed", "9"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(trained().seed()).isEqualTo(9);
    assertThat(Files.list(folder.resolve("run")).filter(f -> f.toString().contains("tfevents")))
        .hasSize(1);
  }
}

package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.data.Dataset;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.io.Images;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrainTargetCommandTest {

  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int train(String... more) {
    List<String> args = new ArrayList<>(List.of("train", "target"));
    args.addAll(List.of(more));
    return Main.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
  }

  private int trainImages(Path data, String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--arch", "scenes-net", "--data", "folder", "--data-dir", data.toString()));
    args.addAll(List.of("--image-size", "32", "--batch", "4", "--epochs", "1"));
    args.addAll(List.of("--out", folder.resolve("run").toString()));
    args.addAll(List.of(more));
    return train(args.toArray(String[]::new));
  }

  /** A folder of two classes with a few images each. */
  private Path images() throws IOException {
    Path data = folder.resolve("images");
    Dataset scenes = Scenes.standard(32, Part.TRAIN);
    for (int i = 0; i < 24; i++) {
      Path file = data.resolve("train").resolve(i % 2 == 0 ? "even" : "odd").resolve(i + ".png");
      Files.createDirectories(file.getParent());
      Images.writePng(file, scenes.get(i).image());
    }
    return data;
  }

  @Test
  void trainsANetThatOtherCommandsTake() throws IOException {
    Path data = images();
    assertThat(trainImages(data)).as(err.toString()).isEqualTo(ExitCode.DONE);
    Path net = folder.resolve("run").resolve("target.safetensors");
    assertThat(out.toString()).contains("scenes-net@" + net);
    assertThat(Targets.load("scenes-net@" + net, Compute.CPU).classes()).isEqualTo(2);
    assertThat(folder.resolve("run"))
        .isDirectoryContaining("glob:**/config.yaml")
        .isDirectoryContaining("glob:**/metrics.jsonl")
        .isDirectoryContaining("glob:**/checkpoint.safetensors");

    assertThat(trainImages(data)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("holds a run: --resume goes on with it");
    assertThat(trainImages(data, "--resume")).isEqualTo(ExitCode.DONE);
    assertThat(trainImages(data, "--overwrite", "--seed", "2")).isEqualTo(ExitCode.DONE);
  }

  @Test
  void trainsADetectorOfOneKindOfObjectAndAttacksIt() throws IOException {
    Path data = folder.resolve("boxes");
    Dataset scenes = Scenes.standard(64, Part.TRAIN);
    for (int i = 0; i < 24; i++) {
      Files.createDirectories(data.resolve("Annotations"));
      Files.createDirectories(data.resolve("images"));
      Images.writePng(data.resolve("images").resolve(i + ".png"), scenes.get(i).image());
      Files.writeString(
          data.resolve("Annotations").resolve(i + ".xml"),
          """
          <annotation><filename>%d.png</filename><object><name>thing</name><bndbox>
          <xmin>11</xmin><ymin>11</ymin><xmax>40</xmax><ymax>50</ymax></bndbox></object></annotation>
          """
              .formatted(i));
    }
    String images = data.toString();
    Path run = folder.resolve("run");
    assertThat(
            train(
                "--arch",
                "ssd-compact-64",
                "--data",
                "voc-folder",
                "--data-dir",
                images,
                "--batch",
                "4",
                "--epochs",
                "1",
                "--out",
                run.toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    String[] evaluated = {
      "evaluate",
      "--target",
      "ssd-compact-64@" + run.resolve("target.safetensors"),
      "--data",
      "voc-folder",
      "--data-dir",
      images,
      "--limit",
      "2",
      "--steps",
      "2",
      "--attacks",
      "cls+loc,dag",
      "--probe",
      "0",
      "--out",
      folder.resolve("measured").toString()
    };
    assertThat(Main.run(evaluated, new PrintWriter(out), new PrintWriter(err)))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
  }

  @Test
  void repeatsImagesOfRareClasses() throws IOException {
    assertThat(trainImages(images(), "--repeat-below", "1")).as(err.toString()).isZero();
    assertThat(err.toString())
        .containsPattern("in 23 images\\R(2[89]|3\\d) images a pass"); // 23·√2
    assertThat(folder.resolve("run/config.yaml")).content().contains("repeatBelow: 1.0");

    assertThat(trainImages(images(), "--overwrite", "--repeat-below", "2"))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("rare lies in [0,1], not 2.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --arch vgg --data scenes                     | unknown architecture 'vgg'
          --arch cifar-resnet9 --data scenes           | cifar-resnet9: the depth
          --arch scenes-net --data scene               | unknown dataset 'scene'
          --arch scenes-net --data cifar10             | cifar10 needs --data-dir
          --arch scenes-net --data scenes --epochs 0   | --epochs must be above 0, not 0.0
          --arch scenes-net --data scenes --epochs NaN | --epochs must be above 0, not NaN
          --arch scenes-net --data scenes --batch 1    | --batch must be at least 2, not 1
          --arch scenes-net --data scenes --lr -1      | the learning rate must be above 0, not -1.0
          --arch scenes-net --data scenes --limit 0    | the number of images must be at least 1
          --arch scenes-net --data scenes --limit 9    | 9 training images are too few
          --arch scenes-net --data scenes --label-smoothing 1 | label smoothing must be in [0,1)
          --arch scenes-net --data scenes --weight-decay -1   | weight decay must not be negative
          --arch scenes-net --data scenes --precision fp8     | unknown precision 'fp8'
          --arch scenes-net --data scenes --image-size 16     | scenes are at least 32 pixels
          --arch mobilenet-v2 --data scenes --resume --overwrite | --resume and --overwrite exclude
          --arch ssd-mobilenet-v1 --data scenes        | ssd-mobilenet-v1 has its priors in its published weights: give them with --start
          --data scenes                                | Missing required option: '--arch=NAME'
          """)
  void namesWhatIsWrongInOneLineAndWritesNothing(String args, String message) {
    Path run = folder.resolve("run");
    List<String> words = new ArrayList<>(List.of(args.strip().split(" +")));
    words.addAll(List.of("--out", run.toString()));
    assertThat(train(words.toArray(String[]::new))).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).startsWith("realign: " + message);
    assertThat(err.toString().lines().filter(line -> !line.startsWith("Try '"))).hasSize(1);
    assertThat(run).doesNotExist();
  }

  @Test
  void explainsItself() {
    assertThat(train("--help")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString()).contains("--arch", "wrn-D-K", "--resume", "Example:");
    assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
  }
}

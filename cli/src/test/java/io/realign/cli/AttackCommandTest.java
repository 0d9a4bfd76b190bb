package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.data.Labelling;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Architectures;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code attack} on masks and boxes, with untrained nets. */
final class AttackCommandTest {

  @TempDir private Path folder = Path.of("");

  private final StringWriter err = new StringWriter();

  private Path net(String architecture) {
    Path file = folder.resolve("net.safetensors");
    boolean masks = Architectures.of(architecture).labelling() == Labelling.MASKS;
    int classes = Scenes.standard(64, Part.TEST).classes().size() + (masks ? 1 : 0);
    Targets.trainable(Architectures.of(architecture), classes, Seed.of(1), Compute.CPU).save(file);
    return file;
  }

  private int run(String... args) {
    return Main.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err));
  }

  @ParameterizedTest
  @CsvSource({"deeplabv3-compact, bim", "deeplabv3-compact, dag", "ssd-compact-64, cls+loc"})
  void writesImagesWithinTheBallAndAList(String architecture, String attack) throws IOException {
    Path to = folder.resolve("attacked");
    String target = architecture + "@" + net(architecture);
    String[] command = {
      "attack",
      "--target",
      target,
      "--data",
      "scenes",
      "--limit",
      "2",
      "--attack",
      attack,
      "--epsilon",
      "1/50",
      "--steps",
      "2",
      "--step-size",
      ".01",
      "--out",
      to.toString()
    };
    assertThat(run(command)).as(err.toString()).isEqualTo(ExitCode.DONE);
    int side = Architectures.of(architecture).imageSize();
    assertThat(Images.read(to.resolve("00001.png")).width()).isEqualTo(side);
    List<String> list = Files.readAllLines(to.resolve("attacked.csv"));
    assertThat(list).hasSize(3);
    assertThat(list.getFirst())
        .isEqualTo("file,index,label,predicted_before,predicted_after,change,agreement");
    for (String line : list.subList(1, 3)) {
      String[] cells = line.split(",");
      assertThat(cells[2]).matches("\\d+( \\d+)*"); // the classes that are there
      assertThat(Double.parseDouble(cells[5])).isPositive().isLessThanOrEqualTo(.02 + 1e-6);
      assertThat(Double.parseDouble(cells[6])).isBetween(0.0, 1.0);
    }
  }

  @Test
  void refusesAnAttackOfAnotherTask() throws IOException {
    String target = "ssd-compact-64@" + net("ssd-compact-64");
    Path to = folder.resolve("attacked");
    assertThat(
            run(
                "attack",
                "--target",
                target,
                "--data",
                "scenes",
                "--attack",
                "seg-js",
                "--out",
                to.toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "realign: --attack seg-js is not for detection: one of bim, cls, cls+loc, dag, di-fgsm, fgsm, loc, mi-fgsm, pgd, ti-fgsm");
    assertThat(to).doesNotExist();
  }

  private Path photos() throws IOException {
    Path own = folder.resolve("own");
    Files.createDirectories(own.resolve("images"));
    Files.createDirectories(own.resolve("Annotations"));
    for (String name : List.of("a", "b")) {
      Images.writePng(own.resolve("images/" + name + ".png"), new Pixels(64, 64, new byte[12288]));
      Files.writeString(
          own.resolve("Annotations/" + name + ".xml"),
          "<annotation><object><name>cat</name><bndbox><xmin>9</xmin><ymin>9</ymin>"
              + "<xmax>30</xmax><ymax>30</ymax></bndbox></object></annotation>");
    }
    Files.writeString(own.resolve("images/._a.png"), "what macOS leaves");
    Files.writeString(own.resolve("images/c.heic"), "a photo");
    return own;
  }

  @Test
  void takesAVocFolderAndTellsWhatIsPassedOver() throws IOException {
    Path own = photos();
    Files.writeString(own.resolve("classes.txt"), "cat\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    Files.createDirectories(own.resolve("ImageSets/Main"));
    Files.writeString(own.resolve("ImageSets/Main/test.txt"), "a\nb\n");
    Path to = folder.resolve("attacked");
    String target = "ssd-compact-64@" + net("ssd-compact-64");
    String data = own.toString();
    int code =
        run(
            "attack",
            "--target",
            target,
            "--data",
            "voc-folder",
            "--data-dir",
            data, //
            "--attack",
            "cls+loc",
            "--out",
            to.toString());
    assertThat(code).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(err.toString())
        .contains(
            "note: " + own.resolve("images") + ": 1 file of other kinds passed over: 1 .heic\n");
    assertThat(to.resolve("00001.png")).exists();
  }

  @Test
  void passesHiddenFilesOfAFolderOver() throws IOException {
    Path to = folder.resolve("attacked");
    String target = "ssd-compact-64@" + net("ssd-compact-64");
    int code =
        run(
            "attack",
            "--target",
            target,
            "--attack",
            "cls+loc",
            "--out",
            to.toString(), //
            photos().resolve("images").toString());
    assertThat(code).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(to.resolve("a.png")).exists();
    assertThat(to.resolve("._a.png")).doesNotExist();
  }

  @Test
  void attackedImagesCanBeRepairedAndCompared() throws IOException {
    Path target = Untrained.target(folder.resolve("net.safetensors"));
    Path defense = Untrained.defense(folder.resolve("defense.safetensors"));
    Path attacked = folder.resolve("attacked");
    assertThat(
            run(
                "attack",
                "--target",
                "scenes-net@" + target,
                "--data",
                "scenes",
                "--limit",
                "2",
                "--attack",
                "fgsm",
                "--out",
                attacked.toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(Files.readAllLines(attacked.resolve("attacked.csv"))).hasSize(3);
    assertThat(attacked.resolve("00001.png")).exists();
    Path repaired = folder.resolve("repaired");
    String[] purify = {
      "purify", "--defense", defense.toString(), attacked.toString(), "--out", repaired.toString()
    };
    assertThat(run(purify)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(Images.read(repaired.resolve("00000.png")).width()).isEqualTo(32);
    assertThat(run(purify)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("is there already");
  }
}

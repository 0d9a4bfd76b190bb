package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import io.realign.io.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.run(args, new PrintWriter(out), new PrintWriter(err));
  }

  @Test
  void listsWhatCanBeFetched() {
    assertThat(run("data", "list")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .contains("cifar10", "cifar-10-batches-bin", "https://", "scenes")
        .contains("folder", "coco", "voc-folder", "mask-folder");
  }

  @Test
  void namesWhatItKnowsWhenAskedForAnUnknownName(@TempDir Path folder) {
    int code = run("data", "fetch", "cifar11", "--data-dir", folder.toString());
    assertThat(code).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).startsWith("realign: unknown").contains("cifar11", "cifar10");
  }

  @Test
  void asksForTheMissingVerb() {
    assertThat(run("data")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).startsWith("realign: data what?");
  }

  @Test
  void explainsItself() {
    assertThat(run("data", "fetch", "--help")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString()).contains("NAME", "--data-dir", "Example:");
  }

  @Test
  void showsTheFirstImages(@TempDir Path folder) {
    Path file = folder.resolve("scenes.png");
    assertThat(run("data", "show", "scenes", "--count", "5", "--out", file.toString()))
        .isEqualTo(ExitCode.DONE);
    Pixels sheet = Images.read(file); // three columns, two rows, images of 64 pixels
    assertThat(sheet.width()).isEqualTo(3 * 68 + 4);
    assertThat(sheet.height()).isEqualTo(2 * 68 + 4);
  }

  /** Two images with background and, on the second, a car. */
  private static Path masks(Path folder) throws IOException {
    Path own = folder.resolve("own");
    for (String kind : new String[] {"images", "masks"}) {
      Files.createDirectories(own.resolve("test").resolve(kind));
    }
    Files.writeString(own.resolve("classes.txt"), "background\ncar\nbus\n");
    for (int i = 0; i < 2; i++) {
      Images.writePng(
          own.resolve("test/images/" + i + ".png"), new Pixels(64, 64, new byte[12288]));
      BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
      for (int x = 0; x < 32 * i; x++) {
        for (int y = 0; y < 64; y++) {
          mask.getRaster().setSample(x, y, 0, 1);
        }
      }
      ImageIO.write(mask, "png", own.resolve("test/masks/" + i + ".png").toFile());
    }
    return own;
  }

  @Test
  void showsMasksAsColoursWithALegendAndCountsTheirClasses(@TempDir Path folder)
      throws IOException {
    Path own = masks(folder);
    Path file = folder.resolve("sheet.png");
    String dir = own.toString();
    assertThat(run("data", "show", "mask-folder", "--data-dir", dir, "--out", file.toString()))
        .isEqualTo(ExitCode.DONE);
    assertThat(out.toString().lines())
        .containsExactly(
            file + ": 2 of 2 images",
            "  background  2 images, 75.0 % of the pixels",
            "  car         1 image, 25.0 % of the pixels",
            "  none of 1 other class");
    Pixels sheet = Images.read(file); // two images of 128 pixels, below them the colours
    assertThat(sheet.width()).isEqualTo(2 * 132 + 4);
    assertThat(sheet.height()).isGreaterThan(132 + 4);
    assertThat(pixel(sheet, 50, 20)).as("background stays bare").isEqualTo(0);
    assertThat(pixel(sheet, 50, 132 + 20)).as("a car is painted").isNotEqualTo(0);
  }

  private static int pixel(Pixels image, int row, int column) {
    int plane = image.height() * image.width();
    int at = row * image.width() + column;
    return (image.rgb()[at] & 255) << 16
        | (image.rgb()[plane + at] & 255) << 8
        | (image.rgb()[2 * plane + at] & 255);
  }

  @Test
  void showsBoxesWithTheirNamesAndCountsThem(@TempDir Path folder) {
    Path file = folder.resolve("scenes.png");
    String[] show = {"data", "show", "scenes", "--labels", "boxes", "--count", "4", "--out"};
    String[] args = Arrays.copyOf(show, show.length + 1);
    args[show.length] = file.toString();
    assertThat(run(args)).isEqualTo(ExitCode.DONE);
    assertThat(Images.read(file).width()).isEqualTo(2 * (3 * 96 + 4) + 4); // names need room
    assertThat(out.toString().lines().skip(1).limit(1))
        .allMatch(line -> line.matches("  \\w+ +\\d images?, \\d box(es)?"));
  }

  @Test
  void saysHowManyImagesFitIntoAPicture(@TempDir Path folder) {
    String file = folder.resolve("sheet.png").toString();
    int code = run("data", "show", "scenes", "--labels", "boxes", "--count", "999", "--out", file);
    assertThat(code).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "realign: 999 images of 288² pixels are too much for one picture: take --count 729 or a"
                + " smaller --image-size");
  }

  @Test
  void namesTheLabelsThatADatasetLacks(@TempDir Path folder) {
    String file = folder.resolve("sheet.png").toString();
    int code =
        run(
            "data",
            "show",
            "coco",
            "--data-dir",
            folder.toString(),
            "--labels",
            "masks",
            "--out",
            file);
    assertThat(code).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).startsWith("realign: coco has no masks").hasLineCount(1);
  }

  @Test
  void checkPassesWhatCanBeUsedAndFailsForWhatCannot(@TempDir Path folder) throws IOException {
    String own = masks(folder).toString();
    assertThat(run("data", "check", "mask-folder", "--data-dir", own)).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .isEqualToIgnoringNewLines(
            "mask-folder: images read: test 2; nothing refused, 0 boxes repaired");

    Path image = Path.of(own, "test", "images", "0.png");
    Path mask = Path.of(own, "test", "masks", "1.png");
    Files.write(image, new byte[0]);
    Files.write(mask, new byte[0]);
    out.getBuffer().setLength(0);
    assertThat(run("data", "check", "mask-folder", "--data-dir", own)).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString().lines())
        .containsExactly(
            "refused: " + image + ": an empty file, not an image",
            "refused: " + mask + ": an empty file, not an image",
            "mask-folder: images read: test 2; 2 refused, 0 boxes repaired");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void checkNeedsFilesAndKnownNames() {
    assertThat(run("data", "check", "scenes")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .isEqualToIgnoringNewLines("scenes are drawn: there are no files to check");
    assertThat(run("data", "check", "mask-folder")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).startsWith("realign: mask-folder needs --data-dir");
    assertThat(run("data", "check", "pets")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("unknown dataset 'pets'");
  }

  @Test
  void helpFitsAnOrdinaryTerminal() {
    for (String verb : new String[] {"show", "check"}) {
      assertThat(run("data", verb, "--help")).isEqualTo(ExitCode.DONE);
    }
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void asksForTheFolderOfDataThatIsNotDrawn(@TempDir Path folder) {
    Path file = folder.resolve("cifar.png");
    assertThat(run("data", "show", "cifar10", "--out", file.toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).startsWith("realign: cifar10 needs --data-dir").hasLineCount(1);
    assertThat(file).doesNotExist();
  }

  @Test
  void showsAtLeastOneImage(@TempDir Path folder) {
    Path file = folder.resolve("none.png");
    assertThat(run("data", "show", "scenes", "--count", "0", "--out", file.toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("realign: --count must be 1 to 1024, not 0");
  }

  @Test
  void tellsWhatIsPassedOver(@TempDir Path folder) throws IOException {
    Path cats = Files.createDirectories(folder.resolve("own/test/cat"));
    Images.writePng(cats.resolve("1.png"), new Pixels(64, 64, new byte[12288]));
    Files.writeString(cats.resolve("2.heic"), "a photo");
    String own = folder.resolve("own").toString();
    String file = folder.resolve("sheet.png").toString();
    assertThat(run("data", "show", "folder", "--data-dir", own, "--out", file))
        .isEqualTo(ExitCode.DONE);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "note: " + cats.getParent() + ": 1 file of other kinds passed over: 1 .heic");
  }
}

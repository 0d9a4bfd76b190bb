package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import io.realign.io.Pixels;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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

package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.ImageFormat;
import io.realign.io.Images;
import io.realign.io.Picture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** In a process of its own: standard input and kills. */
final class PurifyProcessTest extends PurifyFolders {

  private ProcessBuilder process(List<String> args) {
    List<String> all = new ArrayList<>(List.of("purify", "--defense", defense.toString()));
    all.addAll(args);
    return MainProcess.of("java.awt.headless=true", all);
  }

  @Test
  void standardInputGoesToStandardOutput() throws Exception {
    Path errors = folder.resolve("errors");
    byte[] image = turnedJpeg();
    Process process = process(List.of("-")).redirectError(errors.toFile()).start();
    try (OutputStream to = process.getOutputStream()) {
      to.write(image);
    }
    byte[] repaired = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).as(Files.readString(errors)).isEqualTo(ExitCode.DONE);
    assertThat(errors).isEmptyFile();
    Picture picture = picture(repaired);
    assertThat(picture.format()).isEqualTo(ImageFormat.JPEG);
    assertThat(picture.orientation()).isEqualTo(6);

    Process refused = process(List.of("-")).redirectError(errors.toFile()).start();
    try (OutputStream to = refused.getOutputStream()) {
      to.write(image, 0, image.length / 2);
    }
    assertThat(refused.getInputStream().readAllBytes()).isEmpty();
    assertThat(refused.waitFor()).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(errors).hasContent("realign: standard input: a damaged image (JPEG): cut short");
  }

  /**
   * Killed amid a run it leaves whole images and nothing under their names that is not; a further
   * run goes on.
   */
  @Test
  void aKillLeavesWholeFilesAndResumingEndsTheWork() throws Exception {
    int count = 30;
    for (int i = 0; i < count; i++) {
      write("%02d.png".formatted(i), Images.pngBytes(noise(160, 160, i)));
    }
    List<String> args = List.of(in.toString(), "--out", to.toString(), "--resume");
    int before = 0;
    for (int kill = 1; kill <= 2; kill++) {
      Process process =
          process(args)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("said").toFile())
              .start();
      while (process.isAlive() && written() < before + 5 * kill) {
        Thread.sleep(1);
      }
      process.destroyForcibly().waitFor();
      before = written();
      assertThat(before)
          .as(Files.readString(folder.resolve("said")))
          .isBetween(5 * kill, count - 1);
      wholeImages();
    }
    assertThat(purify(in, "--out", to, "--resume")).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(out.toString()).contains("%d there already".formatted(before));
    assertThat(wholeImages()).isEqualTo(count);
    assertThat(filesIn(to)).hasSize(count); // nothing hidden is left
  }

  private int written() throws IOException {
    return Files.isDirectory(to) ? images().size() : 0;
  }

  private List<String> images() throws IOException {
    try (Stream<Path> files = Files.list(to)) { // asks of no file what may be gone by now
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d\\d\\.png"))
          .toList();
    }
  }

  private int wholeImages() throws IOException {
    for (String name : images()) {
      assertThat(Images.read(to.resolve(name)).width()).isEqualTo(160);
    }
    assertThat(filesIn(to)).allMatch(name -> name.matches("\\d\\d\\.png|\\..*\\.tmp"));
    return images().size();
  }
}

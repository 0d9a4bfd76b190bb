package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Images;
import io.realign.io.Picture;
import io.realign.io.Pixels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

/** What becomes of files, folders and archives. */
final class PurifyCommandTest extends PurifyFolders {

  @Test
  void keepsFoldersNamesFormatsAndSizes() throws IOException {
    write("a/1.png", png(1));
    write("a/b/turned.JPG", turnedJpeg());
    write("c.bmp", new ImageEncoder(95).encode(picture(png(2)), ImageFormat.BMP));
    write("notes.txt", new byte[3]);
    write(".hidden/2.png", png(3));
    assertThat(purify(in, "--out", to)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(filesIn(to)).containsExactly("a/1.png", "a/b/turned.JPG", "c.bmp");
    assertThat(out.toString()).contains("3 images in " + to + ", 1 other files passed over");
    Picture turned = picture(Files.readAllBytes(to.resolve("a/b/turned.JPG")));
    assertThat(turned.format()).isEqualTo(ImageFormat.JPEG);
    assertThat(turned.orientation()).isEqualTo(6);
    assertThat(turned.stored().width()).isEqualTo(24);
    Pixels repaired = Images.read(to.resolve("a/1.png"));
    assertThat(repaired.width()).isEqualTo(24);
    assertThat(repaired.rgb()).isNotEqualTo(noise(20, 24, 1).rgb());
  }

  @Test
  void readsArchivesAndGivesWhatTheFilesGive() throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < 12; i++) {
      files.put("d/" + i + ".png", png(i));
      write("d/" + i + ".png", png(i));
    }
    files.put("d/readme.txt", new byte[9]);
    Path zip = Files.write(folder.resolve("images"), zip(files)); // content decides
    Path tar = Files.write(folder.resolve("images.tar"), tar(files));
    assertThat(purify(in, "--out", to)).isEqualTo(ExitCode.DONE);
    for (Path archive : List.of(zip, tar)) {
      Path unpacked = folder.resolve("from-" + archive.getFileName());
      assertThat(purify(archive, "--out", unpacked)).as(err.toString()).isEqualTo(ExitCode.DONE);
      assertThat(filesIn(unpacked)).hasSize(12).isEqualTo(filesIn(to));
      for (String name : filesIn(to)) {
        assertThat(unpacked.resolve(name)).hasSameBinaryContentAs(to.resolve(name));
      }
    }
  }

  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
      TarArchiveEntry link = new TarArchiveEntry("link.png", (byte) '2');
      link.setLinkName("/etc/passwd");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void oneBadImageIsNamedAndTheOthersGoOn() throws IOException {
    write("1.png", png(1));
    write("2.png", "no image".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    write("3.png", Arrays.copyOf(png(3), 300));
    write("4.png", new byte[0]);
    write("5.png", Images.pngBytes(noise(40, 40, 5)));
    write("6.png", png(6));
    assertThat(purify(in, "--out", to, "--max-pixels", 1000)).isEqualTo(ExitCode.FAILED);
    assertThat(filesIn(to)).containsExactly("1.png", "6.png");
    assertThat(err.toString().lines())
        .containsExactlyInAnyOrder(
            "realign: " + in.resolve("2.png") + ": not an image of a known format",
            "realign: " + in.resolve("3.png") + ": a damaged image (PNG): cut short",
            "realign: " + in.resolve("4.png") + ": an empty file",
            "realign: "
                + in.resolve("5.png")
                + ": an image of 40×40 pixels, more than the 1000 allowed");
    assertThat(out.toString()).contains("2 images in " + to + ", 4 could not be repaired");
  }

  @Test
  void anArchiveThatIsCutShortGivesWhatItHolds() throws IOException {
    byte[] tar = tar(new TreeMap<>(Map.of("1.png", png(1), "2.png", png(2))));
    Path cut = Files.write(folder.resolve("cut.tar"), Arrays.copyOf(tar, 2600));
    assertThat(purify(cut, "--out", to)).isEqualTo(ExitCode.FAILED);
    assertThat(filesIn(to)).containsExactly("1.png");
    assertThat(err.toString()).contains("realign: " + cut + ": a damaged archive");
  }

  @Test
  void nothingIsReplacedUnlessToldAndResumingGoesOn() throws IOException {
    write("1.png", png(1));
    write("2.png", png(2));
    Path first = to.resolve("1.png");
    Files.createDirectories(to);
    Files.writeString(first, "mine");
    assertThat(purify(in, "--out", to)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .contains(first + " is there already (1 of 2 results are): --resume passes");
    assertThat(filesIn(to)).containsExactly("1.png");
    assertThat(purify(in, "--out", to, "--resume")).isEqualTo(ExitCode.DONE);
    assertThat(first).hasContent("mine");
    assertThat(out.toString()).contains("1 image in " + to + ", 1 there already");
    assertThat(filesIn(to)).containsExactly("1.png", "2.png");
    assertThat(purify(in, "--out", to, "--overwrite")).isEqualTo(ExitCode.DONE);
    assertThat(Images.read(first).width()).isEqualTo(24);
    assertThat(purify(in, "--out", to, "--overwrite", "--resume")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify(in, "--out", in, "--overwrite")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("would replace the image that it is made of");
  }

  /** Neither images nor archives, of this or another input, under whatever name. */
  @Test
  void noSourceIsReplaced() throws IOException {
    Path data = in.resolve("data");
    Path train = data.resolve("train");
    Path source = write("data/train/x.png", png(1));
    Path broken = write("data/train/broken.png", new byte[0]);
    Path twin = write("mirror/train/x.png", png(2));
    Path mirror = in.resolve("mirror");
    assertRefused(twin, source, train, mirror, "--out", data, "--overwrite");
    Path linked = Files.createSymbolicLink(in.resolve("linked"), data);
    assertRefused(twin, linked.resolve("train/x.png"), train, mirror, "--out", linked, "--resume");
    Path sound = write("sound/train/broken.png", png(5));
    assertRefused(sound, broken, train, in.resolve("sound"), "--out", data, "--overwrite");
    byte[] zip = zip(Map.of("z.png", png(3)));
    Path archive = write("archives/y.png", zip); // content decides
    Path y = write("y.png", png(4));
    assertRefused(y, archive, archive, y, "--out", in.resolve("archives"), "--overwrite");
    assertThat(source).hasBinaryContent(png(1));
    assertThat(broken).isEmptyFile();
    assertThat(archive).hasBinaryContent(zip);
    assertThat(filesIn(data)).containsExactly("train/broken.png", "train/x.png");
  }

  private void assertRefused(Path source, Path result, Object... args) {
    err.getBuffer().setLength(0);
    assertThat(purify(args)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines())
        .containsExactly(
            "realign: %s would replace %s, which is read as well: another --out"
                .formatted(source, result));
  }

  /** A second run over a folder that holds the results of the first repairs no result. */
  @Test
  void resultsInsideTheFolderAreNoInput() throws IOException {
    write("1.png", png(1));
    Path inside = in.resolve("repaired");
    assertThat(purify(in, "--out", inside)).isEqualTo(ExitCode.DONE);
    assertThat(purify(in, "--out", inside, "--resume")).isEqualTo(ExitCode.DONE);
    assertThat(filesIn(inside)).containsExactly("1.png");
  }

  @Test
  void contentDecidesAndWhatCannotBeWrittenBecomesPng() throws IOException {
    write("really-a-jpeg.png", turnedJpeg());
    ByteArrayOutputStream gif = new ByteArrayOutputStream();
    javax.imageio.ImageIO.write(
        new java.awt.image.BufferedImage(9, 5, java.awt.image.BufferedImage.TYPE_BYTE_INDEXED),
        "gif",
        gif);
    write("still.gif", gif.toByteArray());
    assertThat(purify(in, "--out", to)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(filesIn(to)).containsExactly("really-a-jpeg.jpg", "still.png");
    assertThat(err.toString())
        .contains("holds a JPEG, whatever its name says")
        .contains("still.gif: written as PNG");
    Path all = folder.resolve("all");
    assertThat(purify(in, "--out", all, "--format", "png")).isEqualTo(ExitCode.DONE);
    assertThat(filesIn(all)).containsExactly("really-a-jpeg.png", "still.png");
    Picture upright = picture(Files.readAllBytes(all.resolve("really-a-jpeg.png")));
    assertThat(upright.format()).isEqualTo(ImageFormat.PNG);
    assertThat(upright.orientation()).isEqualTo(1);
    assertThat(upright.stored().width()).isEqualTo(20);
  }

  /** Whoever keeps the own name keeps it; the others' ending goes between. */
  @Test
  void imagesThatDifferInTheirEndingAloneKeepItInTheirName() throws IOException {
    write("x.png", png(1));
    write("x.jpg", turnedJpeg());
    write("y.jpg", turnedJpeg());
    assertThat(purify(in, "--out", to, "--format", "png"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(filesIn(to)).containsExactly("x.jpg.png", "x.png", "y.png");
  }

  @Test
  void resultsOfOneNameStopBeforeAnythingIsWritten() throws IOException {
    Path a = write("a/1.png", png(1));
    Path b = write("b/1.png", png(2));
    assertThat(purify(a, b, "--out", to)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .contains("%s and %s would both become %s".formatted(a, b, to.resolve("1.png")));
    assertThat(to).doesNotExist();
  }

  @Test
  void wrongArgumentsAreOneLine() throws IOException {
    Path image = write("1.png", png(1));
    assertThat(purify(image)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify(folder.resolve("none.png"), "--out", to)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify(image, "--out", image)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify(image, "--out", to, "--quality", 0)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify(image, "--out", to, "--tile", 8)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify(image, "--out", to, "--max-pixels", 0)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(purify("-", image)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines())
        .hasSize(7)
        .allMatch(line -> line.startsWith("realign: "))
        .anyMatch(line -> line.contains("--out DIR is missing"))
        .anyMatch(line -> line.contains("none.png: no such file"));
    assertThat(to).doesNotExist();
  }

  @Test
  void anImageThatIsNoneStopsBeforeAnythingIsWritten() throws IOException {
    Path text = Files.writeString(folder.resolve("a.png"), "no image");
    assertThat(purify(text, "--out", to)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines()).hasSize(1).allMatch(line -> line.contains("a.png"));
    assertThat(to).doesNotExist();
  }
}

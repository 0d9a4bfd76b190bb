package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opens the report in headless Chromium, {@code chromium} on the path. */
@Tag("browser")
class HtmlReportBrowserTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  /** 500 is the narrowest window that Chromium opens. */
  @ParameterizedTest
  @ValueSource(ints = {500, 1280})
  void rendersWithoutLoadingAnything(int width) throws IOException, InterruptedException {
    Path page = folder.resolve("report.html");
    Path shot = folder.resolve("shot.png");
    HtmlReport.write(page, SampleResults.full());
    String log = chromium("--window-size=" + width + ",1600", "--screenshot=" + shot, page);
    assertThat(log).doesNotContain("Refused to", "ERR_", "violates");
    var image = ImageIO.read(shot.toFile());
    assertThat(image.getWidth()).isEqualTo(width);
    long colours =
        Arrays.stream(image.getRGB(0, 0, width, image.getHeight(), null, 0, width))
            .distinct()
            .count();
    assertThat(colours).isGreaterThan(50);
  }

  private String chromium(String size, String action, Path page)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"));
    command.addAll(List.of("--no-first-run", "--disable-background-networking"));
    command.addAll(List.of("--disable-component-update", "--disable-sync", "--hide-scrollbars"));
    command.addAll(List.of("--enable-logging=stderr", "--v=0"));
    command.addAll(List.of("--user-data-dir=" + folder.resolve("profile"), size, action));
    command.add(page.toUri().toString());
    Path log = folder.resolve("chromium.log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).isZero();
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("CONSOLE") || line.contains("file:"))
        .reduce("", (a, b) -> a + b + "\n");
  }
}

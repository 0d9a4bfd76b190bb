package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code report} on folders that {@code evaluate} made. */
final class ReportCommandTest {

  @TempDir private Path folder = Path.of("");

  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.run(args, new PrintWriter(new StringWriter()), new PrintWriter(err));
  }

  @Test
  void comparesRuns() {
    Path target = Untrained.target(folder.resolve("net.safetensors"));
    for (String name : List.of("a", "b")) {
      assertThat(
              run(
                  "evaluate",
                  "--target",
                  "scenes-net@" + target,
                  "--data",
                  "scenes",
                  "--limit",
                  "6",
                  "--attacks",
                  "fgsm",
                  "--out",
                  folder.resolve(name).toString()))
          .isEqualTo(ExitCode.DONE);
    }
    Path page = folder.resolve("both.html");
    String a = folder.resolve("a").toString();
    assertThat(run("report", a, folder.resolve("b").toString(), "--out", page.toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(page).exists();
    assertThat(run("report", a)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("report.html is there already");
    assertThat(run("report", a, "--overwrite")).isEqualTo(ExitCode.DONE);
    assertThat(run("report", a, a, "--against", a)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("2 against 1");
    Path figures = folder.resolve("figures.json");
    assertThat(run("report", a, a, "--against", a, a, "--out", figures.toString()))
        .isEqualTo(ExitCode.DONE);
    assertThat(figures).content().contains("\"mean\" : 0.0");
  }
}

package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareReportTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  private Path run(String name, List<Result> results) {
    ResultsJson.write(folder.resolve(name).resolve("results.json"), results);
    return folder.resolve(name);
  }

  @Test
  void marksTheBestAndGivesDifferencesToTheFirstRun() {
    CompareReport report =
        CompareReport.read(
            List.of(
                run("base", SampleResults.results(603, 577)),
                run("longer", SampleResults.results(653, 570))));
    assertThat(report.warnings()).isEmpty();
    assertThat(report.text()).contains("65.3* (+5.0, +0.8…+9.2)", "57.7*", "57.0 (−0.7, ");
    assertThat(report.markdown()).contains("| longer | defense.safetensors |", "**65.3** (+5.0");
    Path html = folder.resolve("compare.html");
    report.writeHtml(html);
    assertThat(html).content().contains("aria-label=\"best\"").doesNotContain("href=", "<script");
  }

  /** Newcombe 1998, table II, first example: 56/70 − 48/80 = 0.2 (0.0524, 0.3339). */
  @Test
  void theIntervalOfADifferenceIsNewcombes() {
    CompareReport.Difference d =
        CompareReport.Difference.of(
            48 / 80., Interval.wilson(48, 80), 56 / 70., Interval.wilson(56, 70));
    assertThat(d.value()).isCloseTo(0.2, within(1e-12));
    assertThat(d.low()).isCloseTo(0.0524, within(5e-5));
    assertThat(d.high()).isCloseTo(0.3339, within(5e-5));
  }

  /** A mIoU is no count of hits: its difference comes from its own, wider interval. */
  @Test
  void differencesOfOtherMetricsComeFromTheirOwnIntervals() throws IOException {
    Path first = run("a", masks(SampleResults.results()));
    Path second = run("b", masks(SampleResults.results(653, 570)));
    assertThat(CompareReport.read(List.of(first, second)).text())
        .contains("mIoU in per cent", "65.3* (+5.0, −13.0…+23.0)");
  }

  private static List<Result> masks(List<Result> results) {
    return results.stream().map(CompareReportTest::mask).toList();
  }

  /** 10 and 15 points about each figure, which is 60.3 and 65.3 under PGD. */
  private static Result mask(Result r) {
    return new Result(
        "segmentation",
        r.dataset(),
        r.split(),
        r.target(),
        r.defense(),
        r.attack(),
        r.threat(),
        "mIoU",
        r.value(),
        r.n(),
        new Interval(Math.max(0, r.value() - .1), Math.min(1, r.value() + .15)),
        r.draws(),
        r.seconds(),
        r.provenance(),
        r.weights(),
        r.classes());
  }

  @Test
  void warnsOfWhatMakesFiguresIncomparable() throws IOException {
    Path first = run("a", SampleResults.results());
    Path second = run("b", SampleResults.results());
    Path file = second.resolve("results.json");
    Files.writeString(
        file,
        Files.readString(file)
            .replace("\"n\": 1000", "\"n\": 500")
            .replace("\"epsilon\": 0.031", "\"epsilon\": 0.01")
            .replace("cifar-resnet20", "cifar-resnet56"));
    assertThat(CompareReport.read(List.of(first, second)).warnings())
        .anyMatch(w -> w.contains("n differ – a: 1,000; b: 500"))
        .anyMatch(w -> w.contains("constants of pgd differ") && w.contains("epsilon 0.01"))
        .anyMatch(w -> w.contains("target differ – a: cifar-resnet20; b: cifar-resnet56"));
  }

  @Test
  void namesTheFileThatIsMissingOrMalformed() throws IOException {
    Path good = run("good", SampleResults.results());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> CompareReport.read(List.of(good, empty)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("empty");
    Files.writeString(empty.resolve("results.json"), "[{");
    assertThatThrownBy(() -> CompareReport.read(List.of(good, empty)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("results.json is no JSON");
    assertThatThrownBy(() -> CompareReport.read(List.of(good, folder.resolve("nowhere"))))
        .hasMessageContaining("nowhere is no folder");
  }
}

package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.evaluate.Result;
import io.realign.report.ResultsJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class QuickstartCommandTest {

  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int quickstart(Path to, String... more) {
    List<String> args = new ArrayList<>(List.of("quickstart", "--out", to.toString()));
    args.addAll(List.of(more));
    return Main.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
  }

  @Test
  void goesFromNothingToAReportAndTakesOverWhatIsDone() throws IOException {
    Path to = folder.resolve("quickstart");
    assertThat(quickstart(to, "--scale", "0.01")).as(err.toString()).isEqualTo(ExitCode.DONE);
    List<Result> results = ResultsJson.read(to.resolve("results.json"));
    assertThat(results).hasSize(14); // clean and 3 attacks × 2 threats, bare and defended
    assertThat(results).allSatisfy(result -> assertThat(result.n()).isEqualTo(5));
    assertThat(Files.readString(to.resolve("report.html"))).contains("cifar-resnet8", "x̂");
    assertThat(out.toString()).contains("pgd (ε 0.031, 8 steps)", "adaptive", "report: ", "Next:");

    Path target = to.resolve("target").resolve("target.safetensors");
    Path defense = to.resolve("defense").resolve("defense.safetensors");
    FileTime before = Files.getLastModifiedTime(target);
    FileTime beforeDefense = Files.getLastModifiedTime(defense);
    assertThat(quickstart(to, "--scale", "0.01")).isEqualTo(ExitCode.DONE);
    assertThat(Files.getLastModifiedTime(target)).isEqualTo(before);
    assertThat(Files.getLastModifiedTime(defense)).isEqualTo(beforeDefense);
    assertThat(ResultsJson.read(to.resolve("results.json")))
        .extracting(Result::value)
        .isEqualTo(results.stream().map(Result::value).toList());

    assertThat(quickstart(to, "--scale", "0.01", "--seed", "2")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .contains("holds a quickstart of another version or with other options");
  }

  @ParameterizedTest
  @CsvSource({"segmentation,mIoU,bim", "detection,mAP,cls+loc"})
  void goesTheSameWayForMasksAndBoxes(String task, String metric, String attack)
      throws IOException {
    Path to = folder.resolve(task);
    assertThat(quickstart(to, "--task", task, "--scale", "0.01"))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    List<Result> results = ResultsJson.read(to.resolve("results.json"));
    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.task()).isEqualTo(task);
              assertThat(result.metric()).isEqualTo(metric);
            })
        .anySatisfy(result -> assertThat(result.attack()).isNull())
        .anySatisfy(result -> assertThat(result.attack()).extracting("name").isEqualTo(attack));
    assertThat(Files.readString(to.resolve("report.html"))).contains(metric, "x̂");
    assertThat(out.toString()).contains("report: ", "Next:");
  }

  @Test
  void refusesATaskThatIsNone() {
    assertThat(quickstart(folder.resolve("q"), "--task", "depth")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "realign: unknown task 'depth': one of classification, segmentation, detection");
  }

  @Test
  void leavesAFolderAloneThatIsNotItsOwn() throws IOException {
    Files.writeString(folder.resolve("thesis.tex"), "\\begin{document}");
    assertThat(quickstart(folder)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).startsWith("realign: " + folder + " is not empty").hasLineCount(1);
    assertThat(folder).isDirectoryNotContaining("glob:**/quickstart.yaml");
  }

  @Test
  void refusesAFolderOfAnEarlierVersion() throws IOException {
    String plan = "commit: 0\nplan:\n  images: 8000\n"; // it knew one task
    Files.writeString(folder.resolve("quickstart.yaml"), plan);
    assertThat(quickstart(folder)).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .startsWith("realign: " + folder + " holds a quickstart of another version")
        .hasLineCount(1);
    assertThat(folder.resolve("quickstart.yaml")).hasContent(plan);
  }

  @Test
  void refusesTimesThatAreNone() {
    assertThat(quickstart(folder.resolve("q"), "--minutes", "0")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("realign: --minutes must be 4 to 10000, not 0.0");
    assertThat(folder.resolve("q")).doesNotExist();
  }

  @Test
  void spendsMoreTimeOnTheDefense() {
    assertThat(Quickstart.Plan.lasting(QuickstartKind.CLASSIFICATION, 6, 1))
        .isEqualTo(Quickstart.Plan.scaled(QuickstartKind.CLASSIFICATION, 1, 1));
    assertThat(Quickstart.Plan.lasting(QuickstartKind.CLASSIFICATION, 30, 1).defenseSteps())
        .isGreaterThan(1500);
  }

  @ParameterizedTest
  @EnumSource(QuickstartKind.class)
  void doesTheUsualAmountWhereNobodySaysHowLong(QuickstartKind kind) {
    assertThat(Quickstart.Plan.lasting(kind, kind.minutes(), 1)).isEqualTo(kind.whole(1));
    assertThat(kind.minutes()).isLessThanOrEqualTo(8);
  }
}

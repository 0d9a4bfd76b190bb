package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.evaluate.MaskingSign;
import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectedReportTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  private Path run(String name) {
    ResultsJson.write(folder.resolve(name).resolve(ResultsJson.FILE), SampleResults.results());
    return folder.resolve(name);
  }

  @Test
  void showsEachRunWithItsSignsAndCurves() throws IOException {
    Path first = run("known");
    Files.writeString(
        first.resolve(RunReport.MASKING),
        Yaml.writeJson(
            List.of(new MaskingSign(MaskingSign.Kind.UNBOUNDED_FAILS, true, "7 of 9 are left"))));
    ResultsJson.write(first.resolve(RunReport.CURVES), curves());
    CollectedReport report =
        CollectedReport.read(
            "A <defense>", "It holds here.\n\nIt does not\nthere.", List.of(first, run("other")));
    assertThat(report.html())
        .contains(
            "A &lt;defense&gt;",
            "<p class=\"verdict\">It holds here.</p>",
            "<p class=\"verdict\">It does not there.</p>",
            ">known</h2>",
            ">other</h2>",
            "7 of 9 are left",
            "Accuracy over ε (20 steps)",
            "Accuracy over steps (ε 8/255)",
            "no defense from 91.5 % to 40.0")
        .doesNotContain("href=", "<script");
    assertThat(report.tables()).contains("== known", "== other", "no defense");
  }

  private static List<Result> curves() {
    List<Result> curves = new ArrayList<>();
    curves.add(SampleResults.result(null, null, null, 915));
    for (int shades : new int[] {2, 8}) {
      Result.AttackCell pgd =
          new Result.AttackCell("pgd", Map.of("epsilon", shades / 255.0, "steps", 20));
      curves.add(SampleResults.result(null, pgd, Threat.OBLIVIOUS, shades == 2 ? 700 : 400));
      curves.add(SampleResults.result(null, pgd, Threat.ADAPTIVE, shades == 2 ? 700 : 400));
    }
    return curves;
  }

  @Test
  void namesTheFileThatIsNoRun() {
    assertThatThrownBy(() -> CollectedReport.read("", "", List.of(folder.resolve("nowhere"))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("nowhere is no folder of a run");
  }
}

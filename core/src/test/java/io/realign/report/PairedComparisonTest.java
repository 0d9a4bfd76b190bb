package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairedComparisonTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  private List<Path> runs(String name, int... pgd) {
    List<Path> folders = new ArrayList<>();
    for (int i = 0; i < pgd.length; i++) {
      Path run = folder.resolve(name + "-" + (i + 1));
      ResultsJson.write(run.resolve("results.json"), SampleResults.results(pgd[i], 500));
      folders.add(run);
    }
    return folders;
  }

  /** t(.975, 2) = 4.302653: 3 ± 4.302653·2/√3 points. */
  @Test
  void theIntervalIsStudentsOverThePairs() {
    PairedComparison comparison =
        PairedComparison.read(runs("base", 600, 650, 500), runs("other", 650, 680, 510));

    PairedComparison.Row pgd =
        comparison.rows().stream()
            .filter(row -> row.figure().equals("pgd oblivious"))
            .findFirst()
            .orElseThrow();
    assertThat(pgd.differences().get(2)).isCloseTo(.01, within(1e-12));
    assertThat(pgd.mean()).isCloseTo(.03, within(1e-12));
    assertThat(pgd.low()).isCloseTo(.03 - .0496828, within(1e-6));
    assertThat(pgd.high()).isCloseTo(.03 + .0496828, within(1e-6));
    assertThat(pgd.clear()).isFalse();
    assertThat(comparison.text()).contains("pgd oblivious", "+3.0 ", "−2.0…+8.0", "+5.0 +3.0 +1.0");
    assertThat(comparison.json()).contains("\"figure\" : \"pgd oblivious\"", "other-3");
  }

  @Test
  void marksWhatIsClear() {
    PairedComparison comparison =
        PairedComparison.read(runs("base", 600, 650), runs("other", 560, 612));

    assertThat(comparison.text()).contains("−3.9*");
  }

  @Test
  void needsPairs() {
    List<Path> one = runs("base", 600);
    List<Path> two = runs("other", 600, 610);
    assertThatThrownBy(() -> PairedComparison.read(one, two))
        .isInstanceOf(InputException.class)
        .hasMessage("pairs of runs are compared, two or more: 1 against 2 cannot be");
    assertThatThrownBy(() -> PairedComparison.read(one, one)).hasMessageContaining("1 against 1");
  }
}

package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {

  private static final String FIRST =
      "{\"step\":10,\"epoch\":0.1,\"images\":320,\"seconds\":4.1,\"images_per_second\":78.0,"
          + "\"loss\":{\"total\":3.5,\"reconstruction\":0.3}}\n";
  private static final String SECOND =
      "{\"step\":20,\"epoch\":0.2,\"images\":640,\"seconds\":8.2,\"images_per_second\":79.0,"
          + "\"loss\":{\"total\":2.5,\"reconstruction\":0.2},\"validation\":{\"clean\":0.8}}\n";

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  private Path log(String text) throws IOException {
    return Files.writeString(folder.resolve("metrics.jsonl"), text);
  }

  @Test
  void readsEveryLine() throws IOException {
    MetricsLog log = MetricsLog.read(log(FIRST + SECOND));
    assertThat(log.warning()).isEmpty();
    assertThat(log.entries()).hasSize(2);
    assertThat(log.entries().get(1).validation()).containsEntry("clean", 0.8);
    assertThat(log.panels())
        .extracting(Panel::title)
        .containsExactly("Validation", "Loss: total", "Loss: reconstruction", "Images per second");
  }

  @Test
  void leavesOutATornLastLineAndSaysSo() throws IOException {
    MetricsLog log = MetricsLog.read(log(FIRST + SECOND.substring(0, 40)));
    assertThat(log.entries()).hasSize(1);
    assertThat(log.warning()).hasValueSatisfying(w -> assertThat(w).contains("line 2 is torn"));
  }

  @Test
  void namesABrokenLineInTheMiddle() throws IOException {
    Path file = log(FIRST + "{\"step\":\n" + SECOND);
    assertThatThrownBy(() -> MetricsLog.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("metrics.jsonl, line 2");
  }

  @Test
  void takesTheLaterLineOfAStepThatAResumedRunRepeats() throws IOException {
    MetricsLog log = MetricsLog.read(log(FIRST + SECOND + FIRST.replace("3.5", "3.4") + SECOND));
    assertThat(log.entries()).extracting(MetricsLog.Entry::step).containsExactly(10L, 20L);
    assertThat(log.entries().get(0).losses()).containsEntry("total", 3.4);
  }
}

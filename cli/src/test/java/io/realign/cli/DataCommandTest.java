package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
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
    assertThat(out.toString()).contains("cifar10", "cifar-10-batches-bin", "https://", "scenes");
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
}

package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.run(args, new PrintWriter(out), new PrintWriter(err));
  }

  @Test
  void printsEveryVersionThatAResultDependsOn() {
    assertThat(run("--version")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .contains("realign ", "commit ", "java " + Runtime.version(), "libtorch 2.");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpsANewcomer() {
    assertThat(run("--help")).isEqualTo(ExitCode.DONE);
    assertThat(out.toString())
        .contains("Usage: realign COMMAND", "Examples:", "realign quickstart", "Exit codes");
    assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
  }

  @Test
  void asksForACommand() {
    assertThat(run()).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines().findFirst()).hasValue("realign: which command?");
  }

  @Test
  void namesAnUnknownOption() {
    assertThat(run("--epsilom", "3")).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString())
        .startsWith("realign: ")
        .contains("--epsilom")
        .doesNotContain("\tat ");
  }
}

package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class FailuresTest {

  @Command(name = "throwing")
  private record Throwing(Exception thrown) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw thrown;
    }
  }

  private final StringWriter err = new StringWriter();

  private int fail(Exception thrown, boolean traces) {
    return new CommandLine(new Throwing(thrown))
        .setErr(new PrintWriter(err))
        .setExecutionExceptionHandler(new Failures(traces))
        .execute();
  }

  @Test
  void wrongInputIsOneLineAndExitCodeTwo() {
    assertThat(fail(new InputException("net.pth: no weights"), false)).isEqualTo(2);
    assertThat(err.toString().lines()).containsExactly("realign: net.pth: no weights");
  }

  @Test
  void aCheckedRecordIsWrongInputToo() {
    assertThat(fail(new IllegalArgumentException("epsilon must be ≥ 0: -1.0"), false)).isEqualTo(2);
  }

  @Test
  void aFailingDiskIsExitCodeOneInTheWordsOfWhoeverNoticed() {
    IOException cause = new IOException("No space left on device");
    Exception full = new UncheckedIOException("no space left while writing last.ckpt", cause);
    assertThat(fail(full, false)).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("realign: no space left while writing last.ckpt");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(fail(new UncheckedIOException(new NoSuchFileException("a.bin")), false))
        .isEqualTo(1);
    assertThat(err.toString().lines()).containsExactly("realign: a.bin: no such file or folder");
  }

  @Test
  void aFaultOfOursSaysHowToSeeMore() {
    assertThat(fail(new IllegalStateException("no graph\n  at c10::Error"), false)).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("realign: IllegalStateException: no graph (REALIGN_DEBUG=1 shows where)");
  }

  @Test
  void showsTheTraceOnRequest() {
    fail(new InputException("net.pth: no weights"), true);
    assertThat(err.toString()).contains("\tat ");
  }
}

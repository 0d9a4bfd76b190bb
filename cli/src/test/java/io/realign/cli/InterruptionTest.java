package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class InterruptionTest {

  @Test
  @Timeout(10)
  void theFirstSignalAsksTheJobToStop() throws Exception {
    StringWriter err = new StringWriter();
    try (Interruption stop = Interruption.listen(new PrintWriter(err))) {
      assertThat(stop.getAsBoolean()).isFalse();
      assertThat(stop.exitCode()).isEqualTo(ExitCode.DONE);
      raise();
      while (err.getBuffer().isEmpty()) {
        Thread.sleep(5);
      }
      assertThat(stop.getAsBoolean()).isTrue();
      assertThat(stop.exitCode()).isEqualTo(ExitCode.INTERRUPTED);
    }
    assertThat(err.toString()).startsWith("realign: stopping after this step");
  }

  /** Asks this process to stop, as Ctrl-C does, whose signal a shell's background jobs ignore. */
  static void raise() throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    signal
        .getMethod("raise", signal)
        .invoke(null, signal.getConstructor(String.class).newInstance("TERM"));
  }
}

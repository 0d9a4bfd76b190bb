package io.realign.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * A stretch of work that Ctrl-C asks to stop at its next step instead of killing it.
 *
 * <p>The first SIGINT or SIGTERM sets what {@link #getAsBoolean} answers; the second ends the
 * process at once with {@link ExitCode#INTERRUPTED}. Outside such a stretch signals keep the
 * meaning that they had.
 *
 * <pre>{@code
 * try (Interruption stop = Interruption.listen(err)) {
 *   trainer.run(stop);
 *   return stop.exitCode();
 * }
 * }</pre>
 */
final class Interruption implements BooleanSupplier, AutoCloseable {

  private final AtomicBoolean requested = new AtomicBoolean();
  private final List<Signals.Handled> handled;

  private Interruption(PrintWriter err) {
    Runnable action =
        () -> {
          if (requested.getAndSet(true)) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
          }
          err.println("realign: stopping after this step; once more to stop at once");
          err.flush();
        };
    handled = List.of(Signals.handle("INT", action), Signals.handle("TERM", action));
  }

  /** Starts to listen; messages go to {@code err}. */
  static Interruption listen(PrintWriter err) {
    return new Interruption(err);
  }

  /** Whether the user asked to stop. */
  @Override
  public boolean getAsBoolean() {
    return requested.get();
  }

  /** {@link ExitCode#INTERRUPTED} if the user asked to stop, {@link ExitCode#DONE} otherwise. */
  int exitCode() {
    return requested.get() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  /** Gives signals back their former meaning. */
  @Override
  public void close() {
    handled.forEach(Signals.Handled::close);
  }
}

package io.realign.cli;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows how far a computation is: a line that renews itself on a terminal, a plain line now and
 * then elsewhere; nothing for what is quick.
 */
final class UnitProgress implements AutoCloseable {

  private static final long QUIET = 2_000_000_000L;
  private static final long ON_TERMINAL = 250_000_000L;
  private static final long ELSEWHERE = 30_000_000_000L;

  private final PrintWriter err;
  private final String what;
  private final boolean terminal = Terminal.isStderr();
  private final long start = System.nanoTime();
  private long next = start + (terminal ? QUIET : ELSEWHERE);
  private boolean shown;

  UnitProgress(PrintWriter err, String what) {
    this.err = err;
    this.what = what;
  }

  /** {@code done} of {@code total} units are done. */
  void advanced(long done, long total) {
    long now = System.nanoTime();
    if (now < next) {
      return;
    }
    next = now + (terminal ? ON_TERMINAL : ELSEWHERE);
    double seconds = (now - start) / 1e9;
    String line =
        String.format(
            Locale.ROOT,
            "%s: %d %%, %s, about %s left",
            what,
            100 * done / total,
            time(seconds),
            time(seconds / done * (total - done)));
    if (terminal) {
      err.print("\r" + line + "   ");
    } else {
      err.println(line);
    }
    err.flush();
    shown = true;
  }

  /** Says something else, on a line of its own. */
  void say(String line) {
    close();
    err.println(line);
    err.flush();
  }

  /** Ends the line that renews itself. */
  @Override
  public void close() {
    if (terminal && shown) {
      err.println();
      err.flush();
      shown = false;
    }
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 60
        ? whole + " s"
        : whole < 3600
            ? whole / 60 + " min " + whole % 60 + " s"
            : whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }
}

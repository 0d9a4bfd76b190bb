package io.realign.cli;

import io.realign.io.Progress;
import java.io.PrintWriter;

/** Shows progress: a line that renews itself on a terminal, a line every tenth elsewhere. */
final class ProgressLine implements Progress, AutoCloseable {

  private static final long MEGA = 1_000_000;

  private final PrintWriter err;
  private final boolean terminal = Terminal.isStderr();
  private String current = "";
  private long shown = -1;

  ProgressLine(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void advanced(String what, long done, long total) {
    if (!what.equals(current)) {
      close();
      current = what;
      shown = -1;
    }
    long percent = total > 0 ? done * 100 / total : -1;
    long step =
        total > 0 ? (terminal ? percent : percent / 10) : done / (terminal ? MEGA : 100 * MEGA);
    if (step == shown) {
      return;
    }
    shown = step;
    String amount =
        total > 0
            ? "%d of %d MB (%d %%)".formatted(done / MEGA, total / MEGA, percent)
            : done / MEGA + " MB";
    if (terminal) {
      err.print("\r" + what + ": " + amount);
    } else {
      err.println(what + ": " + amount);
    }
    err.flush();
  }

  /** Ends the line that renews itself. */
  @Override
  public void close() {
    if (terminal && shown >= 0) {
      err.println();
      err.flush();
    }
    shown = -1;
  }
}

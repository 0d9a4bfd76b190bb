package io.realign.cli;

import io.realign.train.Listener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tells on stderr how training goes: a line that is rewritten on a terminal, a line now and then
 * elsewhere.
 */
final class ProgressListener implements Listener, AutoCloseable {

  private static final Duration TERMINAL = Duration.ofMillis(250);
  private static final Duration PLAIN = Duration.ofSeconds(15);

  private final PrintWriter err;
  private final boolean terminal = Terminal.isStderr();
  private long shownAt;
  private boolean open;

  ProgressListener(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void stepped(Progress progress) {
    long now = System.nanoTime();
    Duration since = Duration.ofNanos(now - shownAt);
    if (shownAt != 0
        && progress.step() < progress.steps()
        && since.compareTo(terminal ? TERMINAL : PLAIN) < 0) {
      return;
    }
    shownAt = now;
    double left =
        (progress.steps() - progress.step())
            * progress.images()
            / (double) progress.step()
            / progress.imagesPerSecond();
    String losses =
        progress.losses().entrySet().stream()
            .map(loss -> String.format(Locale.ROOT, "%s %.3g", loss.getKey(), loss.getValue()))
            .collect(Collectors.joining(", "));
    String line =
        String.format(
            Locale.ROOT,
            "step %d/%d  epoch %.2f  %.0f images/s  %s left  %s",
            progress.step(),
            progress.steps(),
            progress.epoch(),
            progress.imagesPerSecond(),
            time(left),
            losses);
    if (terminal) {
      err.print("\r\033[K" + line);
      open = true;
    } else {
      err.println(line);
    }
    err.flush();
  }

  @Override
  public void validated(long step, Map<String, Double> figures, boolean best) {
    close();
    String text =
        figures.entrySet().stream()
            .map(
                figure ->
                    String.format(
                        Locale.ROOT, "%s %.1f %%", figure.getKey(), 100 * figure.getValue()))
            .collect(Collectors.joining(", "));
    err.println("validation after step " + step + ": " + text + (best ? "  (best so far)" : ""));
    err.flush();
  }

  @Override
  public void close() {
    if (open) {
      err.println();
      open = false;
    }
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? "%d:%02d h".formatted(whole / 3600, whole / 60 % 60)
        : "%d:%02d min".formatted(whole / 60, whole % 60);
  }
}

package io.realign.cli;

import io.realign.train.Listener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Shows how a training run gets on: a line that renews itself on a terminal, a line every ten
 * seconds elsewhere.
 */
final class ProgressListener implements Listener, AutoCloseable {

  private static final Duration ON_TERMINAL = Duration.ofMillis(200);
  private static final Duration ELSEWHERE = Duration.ofSeconds(10);
  private static final String TOTAL = "total";

  private final PrintWriter err;
  private final boolean terminal;
  private final int width;
  private final LongSupplier nanoTime;
  private final long pause;
  private long shownAt;
  private boolean open; // whether the line that renews itself is on the screen

  /** Writes to {@code err}, as it suits what stderr is. */
  ProgressListener(PrintWriter err) {
    this(err, Terminal.isStderr(), Terminal.width(), System::nanoTime);
  }

  /**
   * Writes to {@code err}.
   *
   * @param terminal whether lines there can renew themselves
   * @param width of the terminal, in characters
   */
  ProgressListener(PrintWriter err, boolean terminal, int width, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.width = width;
    this.nanoTime = nanoTime;
    this.pause = (terminal ? ON_TERMINAL : ELSEWHERE).toNanos();
    this.shownAt = nanoTime.getAsLong() - pause;
  }

  @Override
  public void started(long step, long steps) {
    if (step > 0) {
      line("goes on after step %d of %d".formatted(step, steps));
    }
  }

  @Override
  public void stepped(Progress progress) {
    long now = nanoTime.getAsLong();
    boolean last = progress.step() == progress.steps();
    if (now - shownAt < pause && !last) {
      return;
    }
    shownAt = now;
    if (!terminal) {
      err.println(describe(progress));
      err.flush();
      return;
    }
    String text = describe(progress);
    err.print("\r\u001b[K" + text.substring(0, Math.min(text.length(), width - 1)));
    err.flush();
    open = true;
  }

  @Override
  public void validated(long step, Map<String, Double> figures, boolean best) {
    String shown =
        figures.entrySet().stream()
            .map(figure -> "%s %.1f %%".formatted(figure.getKey(), 100 * figure.getValue()))
            .collect(Collectors.joining(", "));
    line("step %d: validation %s%s".formatted(step, shown, best ? " (best so far)" : ""));
  }

  @Override
  public void ended() {
    close();
  }

  /** Ends the line that renews itself. */
  @Override
  public void close() {
    if (open) {
      err.println();
      err.flush();
      open = false;
    }
  }

  private void line(String text) {
    err.println(open ? "\r\u001b[K" + text : text);
    err.flush();
    open = false;
  }

  /** {@code step 40/200 · 20 % · 512 images/s · 0:31 left · total 1.23 · …}. */
  private static String describe(Progress progress) {
    String losses =
        progress.losses().entrySet().stream()
            .filter(loss -> !loss.getKey().equals(TOTAL))
            .map(loss -> number(loss.getKey(), loss.getValue()))
            .collect(Collectors.joining());
    double seconds =
        (progress.steps() - progress.step())
            * ((double) progress.images() / progress.step())
            / progress.imagesPerSecond();
    return "step %d/%d · %d %% · %.0f images/s · %s left%s%s"
        .formatted(
            progress.step(),
            progress.steps(),
            100 * progress.step() / progress.steps(),
            progress.imagesPerSecond(),
            clock(Math.round(seconds)),
            number("loss", progress.losses().getOrDefault(TOTAL, Double.NaN)),
            losses);
  }

  private static String number(String name, double value) {
    return String.format(Locale.ROOT, " · %s %.3g", name, value);
  }

  private static String clock(long seconds) {
    return seconds < 3600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}

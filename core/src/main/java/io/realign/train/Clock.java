package io.realign.train;

import java.time.Duration;

/** Times the steps of a run. */
final class Clock {

  private static final double MEMORY = .95;

  private long lapStart = System.nanoTime();
  private long savedAt = lapStart;
  private double lately = Double.NaN;

  /** Seconds since the last lap; a lap begins. */
  double lap() {
    long now = System.nanoTime();
    double seconds = (now - lapStart) / 1e9;
    lapStart = now;
    lately = Double.isNaN(lately) ? seconds : MEMORY * lately + (1 - MEMORY) * seconds;
    return seconds;
  }

  /** A lap begins that does not count what was done since the last one. */
  void restart() {
    lapStart = System.nanoTime();
  }

  /** The moving average of the laps, in seconds. */
  double lately() {
    return lately;
  }

  Duration sinceSaved() {
    return Duration.ofNanos(System.nanoTime() - savedAt);
  }

  void saved() {
    savedAt = System.nanoTime();
  }
}

package io.realign.train;

import java.time.Duration;

/** Times the steps of a run. */
final class Clock {

  private static final double NEWEST = .01; // share of the newest lap, once there are enough

  private long lapStart = System.nanoTime();
  private long savedAt = lapStart;
  private double lately;
  private long laps;

  /** Seconds since the last lap; a lap begins. */
  double lap() {
    long now = System.nanoTime();
    double seconds = (now - lapStart) / 1e9;
    lapStart = now;
    lately += Math.max(1.0 / ++laps, NEWEST) * (seconds - lately);
    return seconds;
  }

  /** A lap begins that does not count what was done since the last one. */
  void restart() {
    lapStart = System.nanoTime();
  }

  /** The mean of the laps, in seconds; of a hundred laps or so, when there are more. */
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

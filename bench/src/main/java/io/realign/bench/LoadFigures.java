package io.realign.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a service made of its load.
 *
 * @param seconds that it lasted
 * @param connections that sent one request after another
 * @param served answers 200
 * @param refused answers 503
 * @param other answers by status, and connections that broke
 * @param imagesPerSecond served ones
 * @param medianMillis of the time that a served one took
 * @param p99Millis likewise, the hundredth-longest part
 * @param residentMegabytes memory of the service over time, evenly spaced, in MB of 2²⁰ bytes;
 *     empty where nobody told
 */
record LoadFigures(
    double seconds,
    int connections,
    long served,
    long refused,
    Map<String, Long> other,
    double imagesPerSecond,
    double medianMillis,
    double p99Millis,
    List<Double> residentMegabytes) {

  /** Sums up the times of served requests, in nanoseconds. */
  static LoadFigures of(
      double seconds,
      int connections,
      long[] nanos,
      long refused,
      Map<String, Long> other,
      List<Double> residentMegabytes) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new LoadFigures(
        seconds,
        connections,
        sorted.length,
        refused,
        other,
        sorted.length / seconds,
        quantile(sorted, .5),
        quantile(sorted, .99),
        residentMegabytes);
  }

  private static double quantile(long[] sorted, double share) {
    if (sorted.length == 0) {
      return 0;
    }
    int at = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.clamp(at, 0, sorted.length - 1)] / 1e6;
  }
}

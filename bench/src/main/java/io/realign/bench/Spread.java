package io.realign.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Repeated measurements of one thing.
 *
 * @param median of them
 * @param min the smallest
 * @param max the largest
 * @param n how many
 */
record Spread(double median, double min, double max, int n) {

  /** Sums up one or more measurements. */
  static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no measurement to sum up");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  /** The same in another unit, or turned over: {@code change} must be monotone. */
  Spread map(DoubleUnaryOperator change) {
    double a = change.applyAsDouble(min);
    double b = change.applyAsDouble(max);
    return new Spread(change.applyAsDouble(median), Math.min(a, b), Math.max(a, b), n);
  }
}

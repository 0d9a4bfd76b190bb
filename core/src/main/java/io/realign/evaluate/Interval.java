package io.realign.evaluate;

/** The Wilson 95 % interval of a proportion. */
public record Interval(double low, double high) {

  private static final double Z = 1.959963984540054;

  /** The interval for {@code hits} of {@code n}. */
  public static Interval wilson(long hits, long n) {
    if (n < 1 || hits < 0 || hits > n) {
      throw new IllegalArgumentException(hits + " of " + n + " is no proportion");
    }
    double p = (double) hits / n;
    double scale = 1 + Z * Z / n;
    double centre = (p + Z * Z / (2 * n)) / scale;
    double half = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4.0 * n * n)) / scale;
    return new Interval(Math.max(0, centre - half), Math.min(1, centre + half));
  }
}

package io.realign.nn;

import java.util.List;

/** How many values a net may declare; those of a file that claims more are never allocated. */
final class Budget {

  /** No bound. */
  static final Budget NONE = new Budget("", 0, Long.MAX_VALUE);

  /** Room to declare a net that is a little larger, so that its differences can be listed. */
  private static final long SLACK = 1 << 16;

  private final String origin;
  private final long there;
  private long left;

  private Budget(String origin, long there, long left) {
    this.origin = origin;
    this.there = there;
    this.left = left;
  }

  /** Twice the values of {@code weights}, and some. */
  static Budget of(StateDict weights, String origin) {
    long there = weights.count();
    return new Budget(origin, there, 2 * there + SLACK);
  }

  /**
   * Takes a tensor's values out of the budget.
   *
   * @throws StateDictMismatch if there are not as many left
   */
  void take(long... shape) {
    if (left == Long.MAX_VALUE) {
      return;
    }
    long values = 1;
    for (long size : shape) {
      if (size < 0 || Math.multiplyHigh(values, size) != 0 || values * size < 0) {
        throw tooLarge();
      }
      values *= size;
    }
    left -= Math.max(1, values);
    if (left < 0) {
      throw tooLarge();
    }
  }

  private StateDictMismatch tooLarge() {
    return new StateDictMismatch(
        origin, List.of("it holds %d values, the net that it names has far more".formatted(there)));
  }
}

package io.realign.serve;

import io.realign.io.InputException;
import java.time.Duration;

/**
 * How images share a pass through a net.
 *
 * @param images in a pass at most
 * @param patience how long the first of them waits for others
 * @param workers threads that run nets; the cores are split among them
 */
public record Batching(int images, Duration patience, int workers) {

  private static final int MOST_IMAGES = 1024;
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** Checks the ranges. */
  public Batching {
    if (images < 1 || images > MOST_IMAGES) {
      throw new InputException("a batch has 1 to %d images, not %d".formatted(MOST_IMAGES, images));
    }
    if (patience.isNegative() || patience.compareTo(LONGEST) > 0) {
      throw new InputException(
          "images wait 0 to %d ms for others, not %d"
              .formatted(LONGEST.toMillis(), patience.toMillis()));
    }
    if (workers < 1) {
      throw new InputException("at least 1 worker must run nets, not " + workers);
    }
  }

  /**
   * 32 images, 2 ms.
   *
   * @param workers a core each is best for many small requests, one for all cores for few large
   *     ones
   */
  public static Batching standard(int workers) {
    return new Batching(32, Duration.ofMillis(2), workers);
  }
}

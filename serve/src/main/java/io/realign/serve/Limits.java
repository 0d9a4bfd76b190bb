package io.realign.serve;

import io.realign.io.ImageDecoder;
import io.realign.io.InputException;
import java.time.Duration;

/**
 * What the service takes on at most; what is beyond is refused, not put off.
 *
 * @param bodyBytes of a request
 * @param pixels of an image
 * @param images in the house: being decoded, waiting for a net, or in one
 * @param batchImages in one request
 * @param connections open at once; others wait to be accepted
 * @param requestTime for a request to arrive, from its first line to the last byte of its body
 * @param answerTime for an answer to be taken
 * @param attackSteps of an attack on the playground
 * @param attacks of the playground in the house: waiting or running
 */
public record Limits(
    long bodyBytes,
    long pixels,
    int images,
    int batchImages,
    int connections,
    Duration requestTime,
    Duration answerTime,
    int attackSteps,
    int attacks) {

  /** Checks that all are positive. */
  public Limits {
    positive("the limit of bytes", bodyBytes, Integer.MAX_VALUE - 8);
    positive("the limit of pixels", pixels, ImageDecoder.MOST_PIXELS);
    positive("the limit of images in the house", images, Integer.MAX_VALUE);
    positive("the limit of images in a request", batchImages, images);
    positive("the limit of connections", connections, Integer.MAX_VALUE);
    positive("the limit of steps", attackSteps, Integer.MAX_VALUE);
    positive("the limit of attacks", attacks, Integer.MAX_VALUE);
    if (!requestTime.isPositive() || !answerTime.isPositive()) {
      throw new InputException("the times for requests and answers must be positive");
    }
  }

  private static void positive(String what, long value, long most) {
    if (value < 1 || value > most) {
      throw new InputException("%s is 1 to %d, not %d".formatted(what, most, value));
    }
  }

  /**
   * 32 MiB, 16 million pixels, 256 images, 64 a request, 1024 connections, 20 s to arrive, 60 s to
   * be taken, 50 steps, 8 attacks.
   */
  public static Limits standard() {
    return new Limits(
        32 << 20, 16_000_000, 256, 64, 1024, Duration.ofSeconds(20), Duration.ofSeconds(60), 50, 8);
  }
}

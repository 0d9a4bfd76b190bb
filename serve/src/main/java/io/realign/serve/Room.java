package io.realign.serve;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * Room for so much of something: who finds none is sent away at once.
 *
 * <p>Nobody waits here, so a request that holds one thing may ask for another.
 */
final class Room {

  private final String what;
  private final long capacity;
  private final IntSupplier retryAfter;
  private final AtomicLong taken = new AtomicLong();

  /**
   * An empty room.
   *
   * @param what in it, for whoever finds it full
   * @param retryAfter seconds after which to try again
   */
  Room(String what, long capacity, IntSupplier retryAfter) {
    this.what = what;
    this.capacity = capacity;
    this.retryAfter = retryAfter;
  }

  /** A place that is given back once; any thread may do that. */
  final class Stay implements AutoCloseable {
    private final AtomicLong held;

    private Stay(long amount) {
      held = new AtomicLong(amount);
    }

    /**
     * Gives back what is more than {@code amount}.
     *
     * @return what is held then
     */
    long shrink(long amount) {
      long before = held.getAndAccumulate(amount, Math::min);
      long after = Math.min(before, amount);
      taken.addAndGet(after - before);
      return after;
    }

    @Override
    public void close() {
      shrink(0);
    }
  }

  /**
   * Takes room.
   *
   * @throws Problem 503 if there is not enough now, 413 if there never is
   */
  Stay enter(long amount) {
    if (amount > capacity) {
      throw Problem.of(
          HttpStatus.CONTENT_TOO_LARGE,
          "the request needs %d %s, more than the %d there are".formatted(amount, what, capacity));
    }
    if (taken.addAndGet(amount) > capacity) {
      taken.addAndGet(-amount);
      throw Problem.overloaded("no room for more " + what + " now", retryAfter.getAsInt());
    }
    return new Stay(amount);
  }

  long taken() {
    return taken.get();
  }
}

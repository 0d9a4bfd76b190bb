package io.realign.serve;

import io.realign.io.Pixels;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs attacks, each of which costs dozens of predictions: few are let in, and so many run at once
 * that a worker is left for everything else. With one worker they take turns, and what waits for a
 * net goes between one attack and the next.
 */
final class AttackQueue {

  private static final double RECENT = .3; // the weight of the last attack in the mean
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final int LONGEST_RETRY = 60;

  private final Batcher batcher;
  private final int atOnce;
  private final Semaphore turns;
  private final Room room;
  private double seconds; // of an attack

  /**
   * Nobody waits yet.
   *
   * @param attacks let in at most
   * @param workers that run nets
   */
  AttackQueue(Batcher batcher, int attacks, int workers) {
    this.batcher = batcher;
    this.atOnce = Math.max(1, workers - 1);
    this.turns = new Semaphore(atOnce, true);
    this.room = new Room("attacks", attacks, this::retryAfter);
  }

  private synchronized int retryAfter() {
    return (int) Math.clamp(Math.ceil(seconds * room.taken() / atOnce), 1, LONGEST_RETRY);
  }

  private synchronized void learn(double last) {
    seconds = seconds == 0 ? last : seconds + RECENT * (last - seconds);
  }

  /**
   * Lets an attack in.
   *
   * @throws Problem 503 if there are enough
   */
  Room.Stay enter() {
    return room.enter(1);
  }

  /** Attacks that wait or run. */
  long taken() {
    return room.taken();
  }

  /**
   * Runs an attack that was let in, when it is its turn.
   *
   * @throws Cancelled as soon as its client is gone
   */
  Assault.Outcome run(Assault assault, Pixels square) {
    await(assault.client());
    try {
      long start = System.nanoTime();
      Assault.Outcome outcome = batcher.run(assault, square);
      learn((System.nanoTime() - start) / 1e9);
      return outcome;
    } finally {
      turns.release();
    }
  }

  private void await(Departure client) {
    try {
      do {
        client.check();
      } while (!turns.tryAcquire(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled();
    }
  }
}

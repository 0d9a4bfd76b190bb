package io.realign.evaluate;

/** What was done to an image before the target saw it. */
public enum ImageState {
  /** x_c: nothing. */
  CLEAN,
  /** x_a: attacked. */
  ATTACKED,
  /** x̂_a: attacked, then repaired. */
  REPAIRED,
  /** x̂_c: repaired although clean. */
  REPAIRED_CLEAN
}

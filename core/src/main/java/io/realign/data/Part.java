package io.realign.data;

import io.realign.io.InputException;
import java.util.Locale;

/** The parts of a dataset. */
public enum Part {
  /** What weights are fitted to. */
  TRAIN,
  /** Split off the training data: what choices are made on. */
  VAL,
  /** What is reported. */
  TEST;

  /** The word on the command line: {@code train}, {@code val} or {@code test}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the command line's word.
   *
   * @throws InputException for any other word
   */
  public static Part of(String word) {
    for (Part part : values()) {
      if (part.word().equals(word.toLowerCase(Locale.ROOT))) {
        return part;
      }
    }
    throw new InputException("unknown split '" + word + "': one of train, val, test");
  }
}

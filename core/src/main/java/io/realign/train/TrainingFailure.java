package io.realign.train;

import java.nio.file.Files;
import java.nio.file.Path;

/** Training cannot go on: a loss that is no number, say. The message is one line for the user. */
public final class TrainingFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With one line for the user. */
  public TrainingFailure(String message) {
    super(message);
  }

  /**
   * A loss that is no number.
   *
   * @param step the step, counted from 1, that was not taken
   */
  static TrainingFailure notFinite(String term, double value, long step, Path checkpoint) {
    return new TrainingFailure(
        "loss term '%s' is %s at step %d; %s"
            .formatted(
                term,
                value,
                step,
                Files.exists(checkpoint)
                    ? "the last good state is " + checkpoint.getFileName()
                    : "there is no checkpoint yet"));
  }
}

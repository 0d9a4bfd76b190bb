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
        "loss term '%s' is %s at step %d; %s".formatted(term, value, step, lastGood(checkpoint)));
  }

  /** A weight that is no number after {@code step} steps: the state is not saved. */
  static TrainingFailure weights(long step, Path checkpoint) {
    return new TrainingFailure(
        "a weight is no number after step %d; %s".formatted(step, lastGood(checkpoint)));
  }

  private static String lastGood(Path checkpoint) {
    return Files.exists(checkpoint)
        ? "the last good state is " + checkpoint.getFileName()
        : "there is no checkpoint yet";
  }
}

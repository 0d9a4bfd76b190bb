package io.realign.train;

/** Training cannot go on: a loss that is no number, say. The message is one line for the user. */
public final class TrainingFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With one line for the user. */
  public TrainingFailure(String message) {
    super(message);
  }
}

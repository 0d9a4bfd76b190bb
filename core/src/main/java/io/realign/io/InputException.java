package io.realign.io;

/** Input of the user that cannot be worked with; the message says what was wrong and expected. */
public final class InputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** With a one-line message. */
  public InputException(String message) {
    super(message);
  }

  /** With a one-line message and what led to it. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}

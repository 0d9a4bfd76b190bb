package io.realign.io;

/** Input of the user's that cannot be used: a file, a name, a number; the message is one line. */
public final class InputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** What is wrong, naming the input and what was expected. */
  public InputException(String message) {
    super(message);
  }

  /** What is wrong, and the failure it was noticed by. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}

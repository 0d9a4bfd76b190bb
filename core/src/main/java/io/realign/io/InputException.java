package io.realign.io;

/**
 * What the user gave is wrong: a file, a name or a value. The message is one line that says what is
 * wrong and what was expected; the command line prints it and ends with exit code 2.
 */
public final class InputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** An error that needs no cause. */
  public InputException(String message) {
    super(message);
  }

  /** An error found by another. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}

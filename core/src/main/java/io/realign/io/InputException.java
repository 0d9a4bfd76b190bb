package io.realign.io;

/**
 * What the user gave cannot be used: a missing, broken or misplaced file. The message is one line
 * that names the file and what was expected.
 */
public final class InputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  /** With one line for the user. */
  public InputException(String message) {
    super(message);
  }

  /** With one line for the user, and what lay beneath. */
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}

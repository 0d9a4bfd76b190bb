package io.realign.io;

/**
 * What the user gave is wrong: a file, a name or a value. The message is one line that says what is
 * wrong and what was expected; the command line prints it and ends with exit code 2.
 *
 * <p>Messages quote what files hold, so every control character in them becomes a question mark,
 * and what is longer than a line can be is cut.
 */
public final class InputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;
  private static final int LONGEST = 1000;

  /** An error that needs no cause. */
  public InputException(String message) {
    super(OneLine.of(message, LONGEST));
  }

  /** An error found by another. */
  public InputException(String message, Throwable cause) {
    super(OneLine.of(message, LONGEST), cause);
  }
}

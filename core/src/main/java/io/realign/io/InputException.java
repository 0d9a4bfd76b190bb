package io.realign.io;

/** Bad input from the user: one clear line that names the file and what was expected. */
public final class InputException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  public InputException(String m) {
    super(m);
  }

  public InputException(String m, Throwable c) {
    super(m, c);
  }
}

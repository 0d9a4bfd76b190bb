package io.realign.cli;

/** The process's exit codes; scripts rely on them. */
final class ExitCode {

  /** The command did what it was asked. */
  static final int DONE = 0;

  /** It failed for a reason that is not in its input. */
  static final int FAILED = 1;

  /** An argument or a file of the user's cannot be used. */
  static final int WRONG_INPUT = 2;

  /** {@code inspect} cannot tell from what it was given. */
  static final int UNKNOWN = 3;

  /** Stopped by Ctrl-C or a request to terminate. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}

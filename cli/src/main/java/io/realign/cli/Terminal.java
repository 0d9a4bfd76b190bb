package io.realign.cli;

/** Whether a person is watching. */
final class Terminal {

  private Terminal() {}

  /** Whether stderr is a terminal, as the launcher found it: a line there may renew itself. */
  static boolean isStderr() {
    return Boolean.getBoolean("realign.terminal");
  }
}

package io.realign.cli;

/** Whether a person is watching. */
final class Terminal {

  private Terminal() {}

  /** Whether stderr is a terminal, as the launcher found it: a line there may renew itself. */
  static boolean isStderr() {
    return Boolean.getBoolean("realign.terminal");
  }

  /** Characters a line, as the shell says; 80 if it does not. */
  static int width() {
    String columns = System.getenv("COLUMNS");
    return columns != null && columns.matches("[1-9]\\d{1,3}") ? Integer.parseInt(columns) : 80;
  }
}

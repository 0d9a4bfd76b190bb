package io.realign.io;

/** Text that quotes what strangers sent, as one line that a terminal or a log may show. */
public final class OneLine {

  private static final String CONTROL = "[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029]";

  private OneLine() {}

  /**
   * Makes every control character and end of line a question mark.
   *
   * @param longest characters that are kept; a cut is marked
   */
  public static String of(String text, int longest) {
    String line = text.replaceAll(CONTROL, "?");
    return line.length() > longest ? line.substring(0, longest) + "…" : line;
  }
}

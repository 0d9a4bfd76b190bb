package io.realign.defense;

import java.util.List;

/** Purifiers that need no training, by the words of the command line. */
public final class Purifiers {

  private static final List<String> FORMS = List.of("jpeg:QUALITY");

  private Purifiers() {}

  /** How they are written. */
  public static List<String> forms() {
    return FORMS;
  }

  /**
   * The purifier of a word such as {@code jpeg:75}, with a gradient for attackers.
   *
   * @throws IllegalArgumentException for an unknown word or a constant out of range
   */
  public static Purifier of(String word) {
    int colon = word.indexOf(':');
    String kind = colon < 0 ? word : word.substring(0, colon);
    String constant = colon < 0 ? "" : word.substring(colon + 1);
    if (kind.equals("jpeg")) {
      return StraightThrough.of(new Jpeg(whole(word, constant)));
    }
    throw new IllegalArgumentException(
        "unknown purifier '" + word + "': one of " + String.join(", ", FORMS));
  }

  private static int whole(String word, String constant) {
    try {
      return Integer.parseInt(constant);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "purifier '" + word + "' needs a whole number after the colon", e);
    }
  }
}

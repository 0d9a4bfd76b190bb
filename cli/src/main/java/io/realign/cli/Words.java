package io.realign.cli;

import io.realign.evaluate.Threat;
import io.realign.io.InputException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The command line's words for closed choices. */
final class Words {

  private Words() {}

  /** A threat's word. */
  static String of(Threat threat) {
    return threat.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The threat of that word.
   *
   * @throws InputException for another word
   */
  static Threat threat(String word) {
    return Arrays.stream(Threat.values())
        .filter(threat -> of(threat).equals(word.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "unknown threat '" + word + "': one of oblivious, adaptive, black-box"));
  }

  /** The threats of a comma-separated list. */
  static Set<Threat> threats(String list) {
    Set<Threat> threats = EnumSet.noneOf(Threat.class);
    for (String word : list.split(",", -1)) {
      threats.add(threat(word));
    }
    return threats;
  }
}

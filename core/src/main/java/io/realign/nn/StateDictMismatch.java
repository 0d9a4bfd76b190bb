package io.realign.nn;

import java.util.List;

/** Weights that do not fit the net they are loaded into; the message lists every difference. */
public final class StateDictMismatch extends IllegalArgumentException {

  private static final long serialVersionUID = 1;
  private static final int SHOWN = 12;

  /** What is wrong with the weights of {@code origin}. */
  public StateDictMismatch(String origin, List<String> problems) {
    super(
        origin
            + " does not fit: "
            + String.join("; ", problems.subList(0, Math.min(SHOWN, problems.size())))
            + (problems.size() > SHOWN ? "; and " + (problems.size() - SHOWN) + " more" : ""));
  }
}

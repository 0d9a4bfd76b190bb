package io.realign.evaluate;

/** What the attacker knows. */
public enum Threat {
  /** Gradients of the target alone, as in the paper: the attacker does not know of the defense. */
  OBLIVIOUS,
  /** Gradients through the defense. */
  ADAPTIVE
}

package io.realign.evaluate;

/** What the attacker knows. */
public enum Threat {
  /** Gradients of the target alone, as in the paper: the attacker does not know of the defense. */
  OBLIVIOUS,
  /** Gradients through the defense. */
  ADAPTIVE,
  /** Gradients of another net, the surrogate: the attacker knows neither target nor defense. */
  BLACK_BOX
}

package io.realign.attack;

/** How the size of a perturbation is measured. */
public enum Norm {
  /** The largest change of any value. */
  LINF,
  /** The Euclidean length of the change of an image. */
  L2
}

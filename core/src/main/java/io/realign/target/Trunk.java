package io.realign.target;

/** The first layers of a frozen net: what a generator's encoder may start from. */
public sealed interface Trunk permits ResidualTrunk, PyramidTrunk {

  /** Of the images before the first layer. */
  Normalisation normalisation();
}

package io.realign.target;

/** What the user lets a target's file do. */
public enum Trust {

  /** It is read as data; nothing in it runs. */
  DATA_ONLY,

  /** It may be a TorchScript program, which runs as its author wrote it. */
  SCRIPTS
}

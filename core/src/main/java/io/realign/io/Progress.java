package io.realign.io;

/** Is told how a download or an unpacking gets on. */
@FunctionalInterface
public interface Progress {

  /** Listens to nothing. */
  Progress NONE = (what, done, total) -> {};

  /**
   * Some more is done; called often, on the thread that does it.
   *
   * @param what the file
   * @param done bytes so far
   * @param total bytes in all; −1 while unknown
   */
  void advanced(String what, long done, long total);
}

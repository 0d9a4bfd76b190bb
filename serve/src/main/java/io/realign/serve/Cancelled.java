package io.realign.serve;

import org.jspecify.annotations.Nullable;

/** The connection of a request was closed while it was worked on: there is nobody to answer. */
final class Cancelled extends RuntimeException {

  private static final long serialVersionUID = 1;

  Cancelled() {
    super("the connection was closed", null, false, false);
  }

  /** What failed on another thread, to be thrown on this one. */
  static RuntimeException rethrown(@Nullable Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException own ? own : new IllegalStateException(failure);
  }
}

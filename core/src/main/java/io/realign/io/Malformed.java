package io.realign.io;

import java.io.IOException;

/** Content that cannot be right; whoever knows the file makes an {@link InputException} of it. */
final class Malformed extends IOException {

  private static final long serialVersionUID = 1;

  Malformed(String message) {
    super(message);
  }
}

package io.realign.serve;

import io.helidon.common.buffers.DataReader;
import java.util.OptionalLong;

/**
 * What a client still sends when it has been answered.
 *
 * <p>Some of it is read: to close at once would reset the connection, and the client might never
 * see the answer. It is taken as raw bytes, a buffer at a time: the HTTP library would gather a
 * chunk, which is as long as the client says, before it hands out the first byte of it.
 */
final class LeftOver {

  private static final int MOST = 4 << 20;

  private final Deadlines deadlines;
  private final Connections connections;

  LeftOver(Deadlines deadlines, Connections connections) {
    this.deadlines = deadlines;
    this.connections = connections;
  }

  /**
   * Reads what is left of this thread's request, as much of it and as long as is fitting; nothing
   * can be read from the connection afterwards.
   *
   * @param length of it; empty where that is not known
   */
  void passOver(OptionalLong length) {
    DataReader reader = connections.ofThisThread().dataReader();
    long left = Math.min(length.orElse(MOST), MOST);
    deadlines.answering();
    try {
      while (left > 0) {
        left -= reader.readBuffer().available();
      }
    } catch (RuntimeException e) {
      // it is gone, or too slow: it has been answered
    } finally {
      deadlines.answered();
    }
  }
}

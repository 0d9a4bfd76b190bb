package io.realign.io;

import java.util.Objects;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * The bytes of a file for an image reader. One that goes on and on behind their end is stopped:
 * some readers take the end for zeros, and a short file that claims a large image for hours of
 * work.
 */
final class FileBytes extends ImageInputStreamImpl {

  private static final int MOST_READS_BEHIND = 1 << 12;

  private final byte[] bytes;
  private int behind;

  FileBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : end();
  }

  @Override
  public int read(byte[] into, int from, int length) {
    Objects.checkFromIndexSize(from, length, into.length);
    if (length == 0) {
      return 0;
    }
    bitOffset = 0;
    if (streamPos >= bytes.length) {
      return end();
    }
    int count = (int) Math.min(length, bytes.length - streamPos);
    System.arraycopy(bytes, (int) streamPos, into, from, count);
    streamPos += count;
    return count;
  }

  /** An error that no reader takes for the end: it catches what streams throw. */
  private int end() {
    if (++behind > MOST_READS_BEHIND) {
      throw new IllegalStateException("it ends early");
    }
    return -1;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}

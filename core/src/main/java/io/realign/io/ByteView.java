package io.realign.io;

import java.util.Arrays;

/** Numbers in the bytes of a file; whatever lies outside them is {@link Malformed}. */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record ByteView(byte[] bytes, int from, int to, boolean bigEndian) {

  static ByteView bigEndian(byte[] bytes) {
    return new ByteView(bytes, 0, bytes.length, true);
  }

  static ByteView littleEndian(byte[] bytes) {
    return new ByteView(bytes, 0, bytes.length, false);
  }

  int size() {
    return to - from;
  }

  /** The {@code length} bytes from {@code at} on. */
  ByteView part(long at, long length) throws Malformed {
    if (at < 0 || length < 0 || at + length > size()) {
      throw new Malformed("cut short");
    }
    return new ByteView(bytes, (int) (from + at), (int) (from + at + length), bigEndian);
  }

  int u8(long at) throws Malformed {
    if (at < 0 || at >= size()) {
      throw new Malformed("cut short");
    }
    return bytes[(int) (from + at)] & 0xff;
  }

  int u16(long at) throws Malformed {
    int first = u8(at);
    int second = u8(at + 1);
    return bigEndian ? first << 8 | second : second << 8 | first;
  }

  int u24(long at) throws Malformed {
    return bigEndian ? u8(at) << 16 | u16(at + 1) : u16(at) | u8(at + 2) << 16;
  }

  long u32(long at) throws Malformed {
    long first = u16(at);
    long second = u16(at + 2);
    return bigEndian ? first << 16 | second : second << 16 | first;
  }

  int s32(long at) throws Malformed {
    return (int) u32(at);
  }

  boolean startsWith(String latin) {
    if (size() < latin.length()) {
      return false;
    }
    for (int i = 0; i < latin.length(); i++) {
      if ((bytes[from + i] & 0xff) != latin.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  byte[] copy() {
    return Arrays.copyOfRange(bytes, from, to);
  }
}

package io.realign.io;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes a TIFF of one pixel, of any samples. */
final class Tiff {

  private static final int SHORT = 3;
  private static final int AT = 8;
  private static final int BEHIND = 512;

  private final ByteBuffer file = ByteBuffer.allocate(2048);
  private int behind = BEHIND;

  private Tiff() {}

  /** {@code "1 2 3"} as numbers. */
  static int[] numbers(String spaced) {
    return spaced.isEmpty()
        ? new int[0]
        : Arrays.stream(spaced.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  /**
   * The file.
   *
   * @param kind its photometric interpretation
   * @param bits of a sample: 8 or 16
   * @param extra the values of ExtraSamples; empty for no such tag
   * @param pixel the samples, 0 to 255, which become 0 to 65,535 for 16 bits
   */
  static byte[] of(int kind, int bits, String extra, int... pixel) {
    return new Tiff().write(kind, bits, numbers(extra), pixel);
  }

  private byte[] write(int kind, int bits, int[] extra, int[] pixel) {
    file.put((byte) 'M').put((byte) 'M').putShort((short) 42).putInt(AT);
    file.putShort((short) (extra.length == 0 ? 9 : 10));
    int[] widths = new int[pixel.length];
    Arrays.fill(widths, bits);
    tag(256, 1);
    tag(257, 1);
    tag(258, widths);
    tag(259, 1);
    tag(262, kind);
    tag(273, BEHIND + 256);
    tag(277, pixel.length);
    tag(278, 1);
    tag(279, pixel.length * bits / 8);
    if (extra.length > 0) {
      tag(338, extra);
    }
    file.position(BEHIND + 256);
    for (int sample : pixel) {
      if (bits == 16) {
        file.putShort((short) (257 * sample));
      } else {
        file.put((byte) sample);
      }
    }
    return file.array();
  }

  private void tag(int tag, int... values) {
    file.putShort((short) tag).putShort((short) SHORT).putInt(values.length);
    int next = file.position() + 4;
    if (values.length > 2) {
      file.putInt(behind);
      file.position(behind);
      behind += 2 * values.length;
    }
    for (int value : values) {
      file.putShort((short) value);
    }
    file.position(next);
  }
}

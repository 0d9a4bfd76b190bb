package io.realign.io;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Makes the checksums of PNG files right, which would keep nearly every change from the decoder.
 */
final class PngChecksums {

  private static final int SIGNATURE = 8;
  private static final int AROUND = 12; // length, type and checksum of a chunk

  private PngChecksums() {}

  /** A copy whose chunks have the right checksums; other files stay as they are. */
  static byte[] corrected(byte[] file) {
    if (ImageFormat.of(file).filter(ImageFormat.PNG::equals).isEmpty()) {
      return file;
    }
    ByteBuffer png = ByteBuffer.wrap(file.clone());
    int at = SIGNATURE;
    while (at + AROUND <= png.capacity()) {
      int length = png.getInt(at);
      if (length < 0 || length > png.capacity() - at - AROUND) {
        break;
      }
      CRC32 sum = new CRC32();
      sum.update(png.array(), at + 4, length + 4);
      png.putInt(at + 8 + length, (int) sum.getValue());
      at += AROUND + length;
    }
    return png.array();
  }
}

package io.realign.io;

import java.util.Arrays;

/** The chunks of a WebP. */
final class WebpFile {

  private static final int HEAD = 12;
  private static final int ANIMATED = 2;
  private static final int PROFILED = 32;

  private WebpFile() {}

  static Container container(byte[] bytes) throws Malformed {
    ByteView file = ByteView.littleEndian(bytes);
    long[] canvas = {0, 0};
    long[] frame = {0, 0};
    boolean animated = false;
    int orientation = 1;
    byte[] profile = Container.NONE;
    byte[] decodable = bytes;
    long end = Math.min(file.size(), file.u32(4) + 8);
    if (file.u32(4) + 8 > file.size()) {
      throw new Malformed("cut short");
    }
    for (long at = HEAD; at + 8 <= end; ) {
      ByteView data = file.part(at + 8, file.u32(at + 4));
      ByteView type = file.part(at, 4);
      if (type.startsWith("VP8X")) {
        animated = (data.u8(0) & ANIMATED) != 0;
        decodable = at == HEAD ? unprofiled(bytes, data) : decodable;
        canvas = new long[] {1L + data.u24(4), 1L + data.u24(7)};
      } else if (type.startsWith("VP8 ")) {
        frame = new long[] {data.u16(6) & 0x3fff, data.u16(8) & 0x3fff};
      } else if (type.startsWith("VP8L")) {
        frame = new long[] {1 + (data.u32(1) & 0x3fff), 1 + (data.u32(1) >> 14 & 0x3fff)};
      } else if (type.startsWith("EXIF")) {
        // some writers keep the name that the block has in a JPEG
        orientation =
            Exif.orientation(data.startsWith("Exif\0\0") ? data.part(6, data.size() - 6L) : data);
      } else if (type.startsWith("ICCP") && data.size() <= Container.MAX_PROFILE) {
        profile = data.copy();
      }
      at += 8 + data.size() + (data.size() & 1);
    }
    if (canvas[0] == 0) {
      canvas = frame;
    }
    if (!animated && !Arrays.equals(canvas, frame)) {
      throw new Malformed("an image of another size than it says");
    }
    return new Container(
        ImageFormat.WEBP,
        Container.side(canvas[0]),
        Container.side(canvas[1]),
        false,
        false,
        false,
        8,
        animated,
        orientation,
        profile,
        Container.NONE,
        decodable);
  }

  /** For the decoder, which would convert the colours to sRGB; it asks the first chunk alone. */
  private static byte[] unprofiled(byte[] bytes, ByteView extended) throws Malformed {
    if ((extended.u8(0) & PROFILED) == 0) {
      return bytes;
    }
    byte[] copy = bytes.clone();
    copy[extended.from()] &= ~PROFILED;
    return copy;
  }
}

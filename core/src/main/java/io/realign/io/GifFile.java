package io.realign.io;

/** The blocks of a GIF. */
final class GifFile {

  private static final int SCREEN = 13;
  private static final int IMAGE = 10;

  private GifFile() {}

  static Container container(byte[] bytes) throws Malformed {
    ByteView file = ByteView.littleEndian(bytes);
    long at = SCREEN + table(file.u8(10));
    int images = 0;
    long width = 0;
    long height = 0;
    while (images < 2) {
      int block = at < file.size() ? file.u8(at) : ';'; // many lack their last byte
      if (block == ';') {
        break;
      } else if (block == '!') {
        at = behind(file, at + 2);
      } else if (block == ',') {
        if (++images == 1) {
          width = file.u16(at + 5);
          height = file.u16(at + 7);
        }
        at = behind(file, at + IMAGE + table(file.u8(at + 9)) + 1);
      } else {
        throw new Malformed("a block of kind " + block + ", which is not known");
      }
    }
    return Container.plain(ImageFormat.GIF, width, height, images > 1, bytes);
  }

  /** Bytes of a table of colours. */
  private static int table(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
  }

  /** Behind the sub-blocks from {@code at} on. */
  private static long behind(ByteView file, long at) throws Malformed {
    long next = at;
    while (file.u8(next) != 0) {
      next += 1 + file.u8(next);
    }
    return next + 1;
  }
}

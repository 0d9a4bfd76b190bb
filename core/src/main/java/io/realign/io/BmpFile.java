package io.realign.io;

/** The header of a BMP. */
final class BmpFile {

  private static final int CORE = 12;
  private static final int INFO = 40;
  private static final int JPEG_INSIDE = 4;
  private static final int PNG_INSIDE = 5;

  private BmpFile() {}

  static Container container(byte[] bytes) throws Malformed {
    ByteView file = ByteView.littleEndian(bytes);
    long header = file.u32(14);
    if (header == CORE) {
      return Container.plain(ImageFormat.BMP, file.u16(18), file.u16(20), false, bytes);
    }
    if (header < INFO || header > 1024) {
      throw new Malformed("a header of " + header + " bytes");
    }
    long compression = file.u32(30);
    if (compression == JPEG_INSIDE || compression == PNG_INSIDE) {
      throw new Malformed("another file inside it, which is not read");
    }
    if (file.u32(46) > 1 << 16) {
      throw new Malformed("a palette of " + file.u32(46) + " colours");
    }
    long height = Math.abs((long) file.s32(22)); // from top to bottom if negative
    return Container.plain(ImageFormat.BMP, file.s32(18), height, false, bytes);
  }
}

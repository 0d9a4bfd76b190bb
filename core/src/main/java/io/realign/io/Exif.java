package io.realign.io;

import java.util.HexFormat;

/** The one tag of EXIF that changes how an image looks. Nothing else is read, or allocated for. */
final class Exif {

  private static final int ORIENTATION = 0x0112;

  private Exif() {}

  /** 1 to 8; 1 (upright) where nothing is said, or in a way that cannot be read. */
  static int orientation(ByteView block) {
    try {
      TiffFile.Directory directory = TiffFile.Directory.first(block);
      long value = directory.value(ORIENTATION, 1);
      return value >= 1 && value <= 8 ? (int) value : 1;
    } catch (Malformed e) {
      return 1; // a broken block does not spoil the image
    }
  }

  /** A block that says the orientation and nothing else. */
  static byte[] block(int orientation) {
    return HexFormat.of()
        .parseHex(
            "4d4d002a00000008"
                + "0001"
                + "0112000300000001%04x0000".formatted(orientation)
                + "00000000");
  }
}

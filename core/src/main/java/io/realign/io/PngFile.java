package io.realign.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The chunks of a PNG. */
final class PngFile {

  private static final int SIGNATURE = 8;
  private static final int AROUND = 12; // length, type and checksum of a chunk
  private static final Set<String> DECODED = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

  /** What colours mean, and how large a pixel is, with the length of each chunk. */
  private static final Map<String, Integer> COLOUR =
      Map.of("cICP", 4, "sRGB", 1, "gAMA", 4, "cHRM", 32, "pHYs", 9);

  private PngFile() {}

  static Container container(byte[] bytes) throws Malformed {
    ByteView file = ByteView.bigEndian(bytes);
    ByteArrayOutputStream decodable = new ByteArrayOutputStream(bytes.length);
    ByteArrayOutputStream colour = new ByteArrayOutputStream();
    decodable.write(bytes, 0, SIGNATURE);
    byte[] header = Container.NONE;
    byte[] profile = Container.NONE;
    int orientation = 1;
    boolean animated = false;
    boolean ended = false;
    for (long at = SIGNATURE; !ended; ) {
      ByteView data = file.part(at + 8, file.u32(at));
      ByteView whole = file.part(at, data.size() + (long) AROUND);
      String type = new String(bytes, (int) at + 4, 4, StandardCharsets.ISO_8859_1);
      if (header.length == 0 != type.equals("IHDR")) {
        throw new Malformed("it does not begin with one header");
      }
      switch (type) {
        case "IHDR" -> header = header(data);
        case "acTL" -> animated = data.size() >= 4 && data.u32(0) > 1;
        case "eXIf" -> orientation = Exif.orientation(data);
        case "iCCP" -> profile = inflated(data);
        case "IEND" -> ended = true;
        default -> {}
      }
      if (DECODED.contains(type)) {
        verify(type, whole);
        decodable.write(bytes, (int) at, whole.size());
      } else if (COLOUR.getOrDefault(type, -1) == data.size()) {
        colour.write(bytes, (int) at, whole.size());
      }
      at += whole.size();
    }
    ByteView sizes = ByteView.bigEndian(header);
    int kind = sizes.u8(9);
    return new Container(
        ImageFormat.PNG,
        Container.side(sizes.u32(0)),
        Container.side(sizes.u32(4)),
        kind == 0 || kind == 4,
        false,
        false,
        sizes.u8(8),
        animated,
        orientation,
        profile,
        colour.toByteArray(),
        decodable.toByteArray());
  }

  private static byte[] header(ByteView data) throws Malformed {
    if (data.size() != 13) {
      throw new Malformed("a header of " + data.size() + " bytes");
    }
    return data.copy();
  }

  private static void verify(String type, ByteView chunk) throws Malformed {
    CRC32 crc = new CRC32();
    crc.update(chunk.bytes(), chunk.from() + 4, chunk.size() - 8);
    if (crc.getValue() != chunk.u32(chunk.size() - 4L)) {
      throw new Malformed("the checksum of a chunk " + type + " does not match");
    }
  }

  /** The profile of a chunk: a name, a zero, the method, the compressed profile. */
  private static byte[] inflated(ByteView data) throws Malformed {
    int name = 0;
    while (data.u8(name) != 0) {
      name++;
    }
    ByteView packed = data.part(name + 2L, data.size() - name - 2L);
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed.bytes(), packed.from(), packed.size());
      ByteArrayOutputStream profile = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 13];
      while (!inflater.finished()) {
        int n = inflater.inflate(buffer);
        if (n == 0 || profile.size() > Container.MAX_PROFILE) {
          return Container.NONE; // cut short, or far too large
        }
        profile.write(buffer, 0, n);
      }
      return profile.toByteArray();
    } catch (DataFormatException e) {
      return Container.NONE; // a broken profile does not spoil the image
    } finally {
      inflater.end();
    }
  }

  /** {@code png} with further chunks behind its header. */
  static byte[] with(byte[] png, int orientation, byte[] profile, byte[] colour) {
    ByteArrayOutputStream all = new ByteArrayOutputStream(png.length + profile.length + 128);
    int header = SIGNATURE + AROUND + 13;
    all.write(png, 0, header);
    all.writeBytes(colour);
    if (profile.length > 0) {
      all.writeBytes(chunk("iCCP", deflated(profile)));
    }
    if (orientation > 1) {
      all.writeBytes(chunk("eXIf", Exif.block(orientation)));
    }
    all.write(png, header, png.length - header);
    return all.toByteArray();
  }

  private static byte[] deflated(byte[] profile) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes("ICC profile\0\0".getBytes(StandardCharsets.ISO_8859_1));
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(profile);
      deflater.finish();
      byte[] buffer = new byte[1 << 13];
      while (!deflater.finished()) {
        data.write(buffer, 0, deflater.deflate(buffer));
      }
    } finally {
      deflater.end();
    }
    return data.toByteArray();
  }

  private static byte[] chunk(String type, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(AROUND + data.length);
    chunk.putInt(data.length).put(type.getBytes(StandardCharsets.ISO_8859_1)).put(data);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + data.length);
    return chunk.putInt((int) crc.getValue()).array();
  }
}

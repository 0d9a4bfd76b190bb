package io.realign.io;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The segments of a JPEG. */
final class JpegFile {

  /** A progressive image has about ten scans; thousands of them are an attack on our time. */
  static final int MAX_SCANS = 200;

  private static final String EXIF = "Exif\0";
  private static final String ICC = "ICC_PROFILE\0";
  private static final int ICC_HEAD = ICC.length() + 2; // number and count
  private static final int MAX_SEGMENT = 0xffff - 2;

  private final byte[] bytes;
  private final ByteView file;
  private final ByteArrayOutputStream decodable;
  private final Map<Integer, ByteView> profile = new TreeMap<>();
  private int orientation = 1;
  private int width;
  private int height;
  private int components;
  private int bits;

  private JpegFile(byte[] bytes) {
    this.bytes = bytes;
    this.file = ByteView.bigEndian(bytes);
    this.decodable = new ByteArrayOutputStream(bytes.length);
  }

  static Container container(byte[] bytes) throws Malformed {
    return new JpegFile(bytes).read();
  }

  private Container read() throws Malformed {
    decodable.write(bytes, 0, 2);
    int scans = 0;
    long at = 2;
    while (true) {
      if (file.u8(at) != 0xff) {
        throw new Malformed("no marker where one must be");
      }
      int marker = file.u8(at + 1);
      if (marker == 0xff) { // padding
        at++;
        continue;
      }
      if (marker == 0xd9) {
        if (scans == 0) {
          throw new Malformed("no image data");
        }
        decodable.write(bytes, (int) at, 2);
        return container();
      }
      ByteView segment = file.part(at, 2L + file.u16(at + 2));
      if (segment.size() < 4) {
        throw new Malformed("a segment of no length");
      }
      ByteView data = segment.part(4, segment.size() - 4L);
      boolean used = segment(marker, data);
      long next = at + segment.size();
      if (marker == 0xda) {
        scans++;
        if (components == 0) {
          throw new Malformed("image data before its size");
        }
        if (scans > MAX_SCANS) {
          throw new Malformed("more than " + MAX_SCANS + " scans");
        }
        next = endOfScan(next);
      }
      if (used) {
        decodable.write(bytes, (int) at, (int) (next - at));
      }
      at = next;
    }
  }

  /** Whether the decoder needs the segment. */
  private boolean segment(int marker, ByteView data) throws Malformed {
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
      if (components > 0) {
        throw new Malformed("two frames");
      }
      bits = data.u8(0);
      height = Container.side(data.u16(1));
      width = Container.side(data.u16(3));
      components = data.u8(5);
    } else if (marker == 0xe1 && data.startsWith(EXIF) && data.size() > 6) {
      orientation = Exif.orientation(data.part(6, data.size() - 6L));
    } else if (marker == 0xe2 && data.startsWith(ICC) && data.size() > ICC_HEAD) {
      profile.put(data.u8(ICC.length()), data.part(ICC_HEAD, data.size() - (long) ICC_HEAD));
    }
    boolean application = marker >= 0xe0 && marker <= 0xef;
    return marker != 0xfe && (!application || marker == 0xe0 || marker == 0xee);
  }

  /** The next marker behind the entropy-coded data from {@code at} on. */
  private long endOfScan(long at) throws Malformed {
    for (long i = at; i + 1 < bytes.length; i++) {
      if (bytes[(int) i] == (byte) 0xff) {
        int next = bytes[(int) i + 1] & 0xff;
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
          return i;
        }
      }
    }
    throw new Malformed("cut short");
  }

  private Container container() throws Malformed {
    byte[] icc = icc();
    byte[] image = decodable.toByteArray();
    if (components == 4 && icc.length > 0) { // says what the inks look like
      image = spliced(image, 2, iccSegments(icc));
    }
    return new Container(
        ImageFormat.JPEG,
        width,
        height,
        components == 1,
        components == 4,
        false,
        bits,
        false,
        orientation,
        icc,
        Container.NONE,
        image);
  }

  private byte[] icc() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int expected = 1;
    for (Map.Entry<Integer, ByteView> part : profile.entrySet()) {
      if (part.getKey() != expected++ || all.size() > Container.MAX_PROFILE) {
        return Container.NONE; // a broken profile does not spoil the image
      }
      all.writeBytes(part.getValue().copy());
    }
    return all.toByteArray();
  }

  /** {@code jpeg} with an orientation and a profile behind its first segment, that of JFIF. */
  static byte[] with(byte[] jpeg, int orientation, byte[] profile) {
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    if (orientation > 1) {
      ByteArrayOutputStream exif = new ByteArrayOutputStream();
      exif.writeBytes((EXIF + "\0").getBytes(StandardCharsets.ISO_8859_1));
      exif.writeBytes(Exif.block(orientation));
      segment(more, 0xe1, exif.toByteArray());
    }
    more.writeBytes(iccSegments(profile));
    boolean jfif = (jpeg[3] & 0xff) == 0xe0;
    int at = jfif ? 4 + ((jpeg[4] & 0xff) << 8 | jpeg[5] & 0xff) : 2;
    return spliced(jpeg, at, more.toByteArray());
  }

  private static byte[] iccSegments(byte[] profile) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int room = MAX_SEGMENT - ICC_HEAD;
    int count = Math.ceilDiv(profile.length, room);
    for (int i = 0; i < count; i++) {
      ByteArrayOutputStream part = new ByteArrayOutputStream();
      part.writeBytes(ICC.getBytes(StandardCharsets.ISO_8859_1));
      part.write(i + 1);
      part.write(count);
      part.write(profile, i * room, Math.min(room, profile.length - i * room));
      segment(out, 0xe2, part.toByteArray());
    }
    return out.toByteArray();
  }

  private static void segment(ByteArrayOutputStream out, int marker, byte[] data) {
    out.write(0xff);
    out.write(marker);
    out.write(data.length + 2 >> 8);
    out.write(data.length + 2);
    out.writeBytes(data);
  }

  private static byte[] spliced(byte[] file, int at, byte[] more) {
    byte[] all = new byte[file.length + more.length];
    System.arraycopy(file, 0, all, 0, at);
    System.arraycopy(more, 0, all, at, more.length);
    System.arraycopy(file, at, all, at + more.length, file.length - at);
    return all;
  }
}

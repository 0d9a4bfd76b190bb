package io.realign.io;

/** The first directory of a TIFF; EXIF has the same structure. */
final class TiffFile {

  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int PHOTOMETRIC = 262;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES = 277;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int EXTRA_SAMPLES = 338;
  private static final int PROFILE = 34675;
  private static final int PALETTE = 3;
  private static final int INKS = 5;
  private static final int ASSOCIATED_ALPHA = 1;
  private static final int UNASSOCIATED_ALPHA = 2;
  private static final int MAX_SAMPLES = 16;
  private static final int MAX_PIXEL_BITS = 128;

  private TiffFile() {}

  static Container container(byte[] bytes) throws Malformed {
    Directory directory = Directory.first(ByteView.bigEndian(bytes));
    long width = directory.value(WIDTH, 0);
    long height = directory.value(HEIGHT, 0);
    boolean tiled =
        directory.value(TILE_WIDTH, 0) > width + 1024L
            || directory.value(TILE_HEIGHT, 0) > height + 1024L;
    if (tiled) {
      throw new Malformed("tiles that are larger than it is");
    }
    long colours = directory.value(PHOTOMETRIC, 2);
    if (colours > 6) {
      throw new Malformed("colours of kind " + colours + ", which is not known");
    }
    long samples = directory.value(SAMPLES, 1);
    checkSamples(directory, samples);
    if (colours == PALETTE && samples > 1) {
      throw new Malformed("a palette with further samples");
    }
    int orientation = (int) Math.clamp(directory.value(ORIENTATION, 1), 0, 9);
    return new Container(
        ImageFormat.TIFF,
        Container.side(width),
        Container.side(height),
        colours < 2 && samples <= 2,
        colours == INKS,
        !hasAlpha(directory),
        (int) Math.clamp(directory.value(BITS, 1), 1, 64),
        directory.another(),
        orientation >= 1 && orientation <= 8 ? orientation : 1,
        directory.bytes(PROFILE),
        Container.NONE,
        bytes);
  }

  /** A decoder allocates for all samples, whether they are shown or not. */
  private static void checkSamples(Directory directory, long samples) throws Malformed {
    if (samples > MAX_SAMPLES) {
      throw new Malformed("%d samples a pixel, more than %d".formatted(samples, MAX_SAMPLES));
    }
    long bits = 0;
    for (int i = 0; i < Math.min(samples, directory.count(BITS)); i++) {
      bits = Math.max(bits, directory.value(BITS, i, 1));
    }
    if (samples * bits > MAX_PIXEL_BITS) {
      throw new Malformed("%d samples of %d bits a pixel".formatted(samples, bits));
    }
  }

  /** Whether a sample is said to be alpha: a decoder takes any fourth one for it. */
  private static boolean hasAlpha(Directory directory) throws Malformed {
    long further = directory.count(EXTRA_SAMPLES);
    if (further > MAX_SAMPLES) {
      throw new Malformed("%d further samples a pixel".formatted(further));
    }
    for (int i = 0; i < further; i++) {
      long kind = directory.value(EXTRA_SAMPLES, i, 0);
      boolean alpha = kind == ASSOCIATED_ALPHA || kind == UNASSOCIATED_ALPHA;
      if (alpha && further > 1) {
        throw new Malformed("alpha beside further samples");
      } else if (alpha) {
        return true;
      }
    }
    return false;
  }

  /** A directory of tags. */
  record Directory(ByteView file, long at, int count) {

    private static final int ENTRY = 12;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int UNDEFINED = 7;

    /** The first one. */
    static Directory first(ByteView block) throws Malformed {
      ByteView file = new ByteView(block.bytes(), block.from(), block.to(), block.startsWith("MM"));
      long at = file.u32(4);
      int count = file.u16(at);
      file.part(at, 2 + (long) ENTRY * count);
      return new Directory(file, at, count);
    }

    /** Whether another one follows. */
    boolean another() throws Malformed {
      long end = at + 2 + (long) ENTRY * count;
      return end + 4 <= file.size() && file.u32(end) != 0;
    }

    /** How many numbers a tag has; 0 if it is absent. */
    long count(int tag) throws Malformed {
      long entry = entry(tag);
      return entry < 0 ? 0 : file.u32(entry + 4);
    }

    /** The first number of a tag. */
    long value(int tag, long absent) throws Malformed {
      return value(tag, 0, absent);
    }

    /** A number of a tag. */
    long value(int tag, int index, long absent) throws Malformed {
      long entry = entry(tag);
      if (entry < 0) {
        return absent;
      }
      int type = file.u16(entry + 2);
      long count = file.u32(entry + 4);
      int size = type == SHORT ? 2 : type == LONG ? 4 : 1;
      long place = (size * count <= 4 ? entry + 8 : file.u32(entry + 8)) + (long) size * index;
      return switch (size) {
        case 2 -> file.u16(place);
        case 4 -> file.u32(place);
        default -> file.u8(place);
      };
    }

    /** The bytes of a tag; none if it is absent or far too large. */
    byte[] bytes(int tag) throws Malformed {
      long entry = entry(tag);
      if (entry < 0 || file.u16(entry + 2) != UNDEFINED) {
        return Container.NONE;
      }
      long count = file.u32(entry + 4);
      return count <= 4 || count > Container.MAX_PROFILE
          ? Container.NONE
          : file.part(file.u32(entry + 8), count).copy();
    }

    private long entry(int tag) throws Malformed {
      for (int i = 0; i < count; i++) {
        long entry = at + 2 + (long) ENTRY * i;
        if (file.u16(entry) == tag) {
          return entry;
        }
      }
      return -1;
    }
  }
}

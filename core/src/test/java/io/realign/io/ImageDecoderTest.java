package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of every kind, written by Pillow, read as Pillow reads them; and broken ones. */
class ImageDecoderTest {

  private static final ImageDecoder DECODER = ImageDecoder.standard();

  private static final List<String> ALL =
      List.of(
          "rgb.png",
          "rgba.png",
          "la.png",
          "grey.png",
          "grey1.png",
          "palette.png",
          "palette_clear.png",
          "rgb_clear.png",
          "rgb16.png",
          "grey16.png",
          "rgb.jpg",
          "progressive.jpg",
          "grey.jpg",
          "cmyk.jpg",
          "lossless.webp",
          "rgba.webp",
          "lossy.webp",
          "rgb.tif",
          "grey.tif",
          "rgba.tif",
          "palette.tif",
          "still.gif",
          "still_clear.gif",
          "rgb.bmp",
          "palette.bmp");

  /** What Pillow reads; {@code upright} composited on white. */
  @SuppressWarnings("ArrayRecordComponent")
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Expected(String stored, String upright, int width, int orientation, int profile) {}

  static byte[] resource(String name) {
    try (InputStream in = ImageDecoderTest.class.getResourceAsStream("/io/images/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<Map.Entry<String, Expected>> readByPillow() throws IOException {
    Map<String, Expected> all =
        new ObjectMapper().readValue(resource("images.json"), new TypeReference<>() {});
    assertThat(all).hasSizeGreaterThan(20);
    return all.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("readByPillow")
  void readsWhatPillowReads(Map.Entry<String, Expected> image) {
    String name = image.getKey();
    Expected expected = image.getValue();
    Picture picture = DECODER.picture(resource(name), name);
    Pixels upright = picture.upright();
    assertThat(upright.width()).isEqualTo(expected.width());
    // decoders of JPEG may round differently, those of WebP enlarge its half colours differently
    int tolerance = name.startsWith("lossy") ? 16 : name.endsWith("jpg") ? 3 : 1;
    byte[] wanted = Base64.getDecoder().decode(expected.upright());
    int plane = upright.height() * upright.width();
    int furthest = 0;
    for (int i = 0; i < wanted.length; i++) {
      int value = upright.rgb()[i % 3 * plane + i / 3] & 0xff;
      furthest = Math.max(furthest, Math.abs(value - (wanted[i] & 0xff)));
    }
    assertThat(furthest).as("largest difference of a value").isLessThanOrEqualTo(tolerance);
    if (picture.format() != ImageFormat.TIFF) { // which Pillow turns itself
      assertThat(picture.orientation()).isEqualTo(expected.orientation());
      byte[] stored = Base64.getDecoder().decode(expected.stored());
      for (int i = 0; i < plane; i++) {
        int alpha = picture.hasAlpha() ? picture.alpha()[i] & 0xff : 255;
        assertThat(alpha).isEqualTo(stored[4 * i + 3] & 0xff);
      }
    }
    assertThat(picture.profile()).hasSize(expected.profile());
  }

  @Test
  void sixteenBitsBecomeTheNearestOfEight() {
    for (String name : List.of("rgb16.png", "grey16.png")) {
      Picture picture = DECODER.picture(resource(name), name);
      assertThat(picture.bits()).isEqualTo(16);
      assertThat(picture.grey()).isEqualTo(name.startsWith("grey"));
      for (int x = 0; x < 24; x++) {
        assertThat(picture.stored().rgb()[x] & 0xff).isEqualTo(Math.round(2000 * x / 257f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "animated.gif, 'an animation, not a still image'",
    "animated.png, 'an animation, not a still image'",
    "animated.webp, 'an animation, not a still image'",
    "pages.tif, a TIFF of several pages",
    "empty_width.png, a damaged image (PNG): a width or height of 0 pixels",
    "truncated.png, a damaged image (PNG): cut short",
    "truncated.jpg, a damaged image (JPEG): cut short"
  })
  void whatIsNoStillImageIsNamedWithItsReason(String name, String reason) {
    assertThatThrownBy(() -> DECODER.picture(resource(name), name))
        .isInstanceOf(InputException.class)
        .hasMessage(name + ": " + reason);
  }

  /** Data sets take the first image of an animation. */
  @ParameterizedTest
  @ValueSource(strings = {"animated.gif", "animated.png", "pages.tif"})
  void netsSeeTheFirstImageOfSeveral(String name) {
    Pixels first = DECODER.pixels(resource(name), name);
    assertThat(first.width()).isEqualTo(24);
    assertThat(first.height()).isEqualTo(16);
  }

  /** Every format, with a header that says 50,000² and hardly any data. */
  @ParameterizedTest
  @ValueSource(strings = {"rgb.png", "rgb.jpg", "rgb.bmp", "still.gif", "rgb.tif", "lossless.webp"})
  void bombsAreRefusedBeforeAnythingIsAllocated(String name) {
    byte[] bytes = enlarged(resource(name), name);
    long before = allocated();
    assertThatThrownBy(() -> DECODER.picture(bytes, name))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(name + ": an image of")
        .hasMessageEndingWith("pixels, more than the 64000000 allowed");
    assertThat(allocated() - before).isLessThan(4 << 20);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private static byte[] enlarged(byte[] bytes, String name) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    switch (name) {
      case "rgb.png" -> {
        buffer.putInt(16, 50_000).putInt(20, 50_000);
        CRC32 crc = new CRC32();
        crc.update(bytes, 12, 17);
        buffer.putInt(29, (int) crc.getValue());
      }
      case "rgb.jpg" -> {
        int frame = indexOf(bytes, 0xff, 0xc0);
        buffer.putShort(frame + 5, (short) 50_000).putShort(frame + 7, (short) 50_000);
      }
      case "rgb.bmp" -> little.putInt(18, 50_000).putInt(22, 50_000);
      case "still.gif" -> {
        int frame = indexOf(bytes, ',', 0, 0, 0, 0, 24, 0, 16, 0);
        little.putShort(frame + 5, (short) 50_000).putShort(frame + 7, (short) 50_000);
      }
      case "rgb.tif" -> {
        int directory = little.getInt(4);
        for (int i = 0; i < little.getShort(directory); i++) {
          int entry = directory + 2 + 12 * i;
          if (little.getShort(entry) == 256 || little.getShort(entry) == 257) {
            little.putShort(entry + 8, (short) 50_000);
          }
        }
      }
      case "lossless.webp" -> {
        int header = indexOf(bytes, 'V', 'P', '8', 'L') + 9;
        little.putInt(header, 16_382 | 16_382 << 14);
        int canvas = indexOf(bytes, 'V', 'P', '8', 'X') + 12;
        little.putShort(canvas, (short) 16_382).putShort(canvas + 3, (short) 16_382);
      }
      default -> throw new AssertionError(name);
    }
    return bytes;
  }

  private static int indexOf(byte[] bytes, int... part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      int at = i;
      if (java.util.stream.IntStream.range(0, part.length)
          .allMatch(k -> (bytes[at + k] & 0xff) == part[k])) {
        return i;
      }
    }
    throw new AssertionError("no such bytes");
  }

  /** A chunk of text that unpacks to a gigabyte, and a profile that does, are not unpacked. */
  @Test
  void compressedMetadataIsNoBomb() throws IOException {
    ByteArrayOutputStream zeros = new ByteArrayOutputStream();
    try (java.util.zip.DeflaterOutputStream deflater =
        new java.util.zip.DeflaterOutputStream(zeros)) {
      for (int i = 0; i < 64; i++) {
        deflater.write(new byte[1 << 20]);
      }
    }
    byte[] png = resource("rgb.png");
    for (String type : List.of("zTXt", "iCCP")) {
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      data.writeBytes("bomb\0\0".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
      data.writeBytes(zeros.toByteArray());
      byte[] bomb = withChunk(png, type, data.toByteArray());
      long before = allocated();
      assertThat(DECODER.picture(bomb, "bomb.png").stored().width()).isEqualTo(24);
      assertThat(allocated() - before).isLessThan(24 << 20);
    }
  }

  private static byte[] withChunk(byte[] png, String type, byte[] data) {
    ByteBuffer all = ByteBuffer.allocate(png.length + data.length + 12);
    all.put(png, 0, 33).putInt(data.length);
    byte[] name = type.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    all.put(name).put(data).putInt((int) crc.getValue()).put(png, 33, png.length - 33);
    return all.array();
  }

  @Test
  void aJpegOfThousandsOfScansIsRefused() {
    byte[] jpeg = resource("progressive.jpg");
    int scan = indexOf(jpeg, 0xff, 0xda);
    int next = scan + 2 + 10;
    while (!((jpeg[next] & 0xff) == 0xff && jpeg[next + 1] != 0)) {
      next++;
    }
    byte[] one = Arrays.copyOfRange(jpeg, scan, next);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(jpeg, 0, scan);
    for (int i = 0; i < 300; i++) {
      many.writeBytes(one);
    }
    many.write(jpeg, scan, jpeg.length - scan);
    assertThatThrownBy(() -> DECODER.picture(many.toByteArray(), "many.jpg"))
        .isInstanceOf(InputException.class)
        .hasMessage("many.jpg: a damaged image (JPEG): more than 200 scans");
  }

  @Test
  void limitsAreOnesOwn() {
    assertThat(new ImageDecoder(384, 2000).picture(resource("rgb.png"), "x").bits()).isEqualTo(8);
    assertThatThrownBy(() -> new ImageDecoder(383, 2000).picture(resource("rgb.png"), "x"))
        .hasMessage("x: an image of 24×16 pixels, more than the 383 allowed");
    assertThatThrownBy(
            () ->
                new ImageDecoder(384, 100).pixels(Path.of("src/test/resources/io/images/rgb.png")))
        .hasMessageContaining("more than the 100 bytes allowed");
    assertThatThrownBy(() -> new ImageDecoder(0, 1)).isInstanceOf(InputException.class);
  }

  /** Whatever the damage: an image, or one line that names it; in bounded memory. */
  @Test
  void damagedFilesGiveAnImageOrOneLine() {
    Random random = new Random(11);
    for (String name : ALL) {
      byte[] sound = resource(name);
      for (int i = 0; i < 40; i++) {
        byte[] bytes =
            i % 4 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
        for (int k = 0; k <= random.nextInt(4) && bytes.length > 0; k++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        try {
          DECODER.picture(bytes, "fuzz");
        } catch (InputException e) {
          assertThat(e.getMessage()).startsWith("fuzz: ").doesNotContain("\n");
        }
      }
    }
  }

  // --- and written again
  // --------------------------------------------------------------------------

  static Stream<String> all() {
    return ALL.stream();
  }

  /** A file that was read and written looks as it did. */
  @ParameterizedTest
  @MethodSource("all")
  void whatIsWrittenAgainLooksTheSame(String name) {
    Picture read = DECODER.picture(resource(name), name);
    Picture unchanged = read.with(read.upright());
    ImageFormat format = read.format().written() ? read.format() : ImageFormat.PNG;
    byte[] written = new ImageEncoder(95).encode(unchanged, format);
    Picture again = DECODER.picture(written, "again");

    assertThat(again.format()).isEqualTo(format);
    boolean same = read.format() == format;
    assertThat(again.orientation()).isEqualTo(same ? read.orientation() : 1);
    assertThat(again.stored().width())
        .isEqualTo(same ? read.stored().width() : read.upright().width());
    assertThat(again.profile()).isEqualTo(read.profile());
    assertThat(again.grey()).isEqualTo(read.grey());
    assertThat(again.colour()).isEqualTo(read.colour());
    assertThat(again.hasAlpha()).isEqualTo(read.hasAlpha());
    int tolerance = format == ImageFormat.JPEG ? 6 : read.hasAlpha() ? 1 : 0;
    byte[] before = read.upright().rgb();
    byte[] after = again.upright().rgb();
    int furthest = 0;
    for (int i = 0; i < before.length; i++) {
      furthest = Math.max(furthest, Math.abs((after[i] & 0xff) - (before[i] & 0xff)));
    }
    assertThat(furthest).as("largest difference of a value").isLessThanOrEqualTo(tolerance);
    if (read.hasAlpha() && same) {
      assertThat(again.alpha()).isEqualTo(read.alpha());
    }
  }

  /** Losslessly: each pixel goes where it came from, whatever the orientation. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void changesGoWhereThePixelIsShown(int orientation) {
    Picture plain = DECODER.picture(resource("rgba.png"), "x");
    Picture turned =
        new Picture(
            ImageFormat.PNG,
            plain.stored(),
            plain.alpha(),
            false,
            8,
            orientation,
            plain.profile(),
            plain.colour(),
            false);
    Pixels shown = turned.upright();
    Pixels darker = shaded(shown);
    byte[] file = new ImageEncoder(95).encode(turned.with(darker), ImageFormat.PNG);
    Picture again = DECODER.picture(file, "again");
    assertThat(again.orientation()).isEqualTo(orientation);
    assertThat(again.alpha()).isEqualTo(plain.alpha());
    Pixels after = again.upright();
    int different = 0;
    for (int i = 0; i < darker.rgb().length; i++) {
      different += Math.abs((after.rgb()[i] & 0xff) - (darker.rgb()[i] & 0xff)) > 1 ? 1 : 0;
    }
    // only where hardly any colour shows through can the composite not be reached
    assertThat(different).isLessThan(darker.rgb().length / 4);
    Picture upright =
        DECODER.picture(new ImageEncoder(95).encode(turned.turned(), ImageFormat.PNG), "y");
    assertThat(upright.orientation()).isEqualTo(1);
    assertThat(upright.upright().rgb()).isEqualTo(shown.rgb());
  }

  /** A little darker, more to the right. */
  private static Pixels shaded(Pixels image) {
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.max(0, (rgb[i] & 0xff) - i % image.width() / 4);
    }
    return new Pixels(image.height(), image.width(), rgb);
  }

  @Test
  void theMeanOfTheColoursIsWrittenWhereAnImageIsGrey() {
    Picture grey = DECODER.picture(resource("grey.png"), "x");
    byte[] rgb = grey.upright().rgb().clone();
    int plane = rgb.length / 3;
    for (int i = 0; i < plane; i++) {
      rgb[i] = 30;
      rgb[plane + i] = 60;
      rgb[2 * plane + i] = 120;
    }
    Picture changed = grey.with(new Pixels(16, 24, rgb));
    assertThat(changed.stored().rgb()).containsOnly(70);
    byte[] file = new ImageEncoder(95).encode(changed, ImageFormat.PNG);
    assertThat(file[25]).as("colour type of the PNG").isZero();
  }

  @Test
  void transparentPixelsKeepTheirColourAndTranslucentOnesShowTheChange() {
    byte[] colours = {10, 100, (byte) 200, 10, 100, (byte) 200, 10, 100, (byte) 200};
    Picture picture =
        new Picture(
            ImageFormat.PNG,
            new Pixels(1, 3, colours),
            new byte[] {0, (byte) 128, (byte) 255},
            false,
            8,
            1,
            new byte[0],
            new byte[0],
            false);
    byte[] seen = picture.upright().rgb().clone();
    for (int c = 0; c < 3; c++) {
      seen[3 * c] = (byte) (seen[3 * c] - 9);
      seen[3 * c + 1] = (byte) (seen[3 * c + 1] - 10);
      seen[3 * c + 2] = (byte) (seen[3 * c + 2] + 20);
    }
    byte[] stored = picture.with(new Pixels(1, 3, seen)).stored().rgb();
    assertThat(stored[0]).as("transparent").isEqualTo((byte) 10);
    assertThat(stored[1] & 0xff).as("half: twice the change").isEqualTo(80);
    assertThat(stored[2] & 0xff).as("opaque: the change").isEqualTo(220);
  }

  /** Colours of a JPEG keep their resolution, so that a repair in colour is not blurred. */
  @Test
  void aJpegIsWrittenWithFullResolutionOfColours() {
    Picture read = DECODER.picture(resource("rgb.jpg"), "x");
    byte[] file = new ImageEncoder(95).encode(read, ImageFormat.JPEG);
    int frame = indexOf(file, 0xff, 0xc0);
    assertThat(file[frame + 9]).isEqualTo((byte) 3);
    for (int i = 0; i < 3; i++) {
      assertThat(file[frame + 11 + 3 * i]).as("sampling of component %d", i).isEqualTo((byte) 0x11);
    }
    assertThatThrownBy(() -> new ImageEncoder(101)).isInstanceOf(InputException.class);
  }
}

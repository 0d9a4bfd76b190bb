package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are broken, or would take more memory or time than an image of theirs may. */
final class ImageLimitsTest {

  private static final ImageDecoder DECODER = ImageDecoder.standard();

  /** Every format, with a header that says 50,000² and hardly any data. */
  @ParameterizedTest
  @ValueSource(strings = {"rgb.png", "rgb.jpg", "rgb.bmp", "still.gif", "rgb.tif", "lossless.webp"})
  void bombsAreRefusedBeforeAnythingIsAllocated(String name) {
    byte[] bytes = enlarged(ImageFiles.resource(name), name);
    long before = allocated();
    assertThatThrownBy(() -> DECODER.picture(bytes, name))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(name + ": an image of")
        .hasMessageEndingWith("pixels, more than the 64000000 allowed");
    assertThat(allocated() - before).isLessThan(4 << 20);
  }

  /** A row of millions of pixels is within a limit of pixels, and takes 28 bytes for each. */
  @ParameterizedTest
  @CsvSource({"65536, 1", "1, 65536"})
  void sidesHaveALimitOfTheirOwn(int width, int height) {
    byte[] png = Images.pngBytes(new Pixels(height, width, new byte[3 * width * height]));
    long before = allocated();
    assertThatThrownBy(() -> DECODER.picture(png, "long.png"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "long.png: an image of %d×%d pixels, more than the 65535 allowed of a side"
                .formatted(width, height));
    assertThatThrownBy(() -> DECODER.header(png, "long.png")).isInstanceOf(InputException.class);
    assertThat(allocated() - before).isLessThan(1 << 20);
    byte[] most = Images.pngBytes(new Pixels(1, 65_535, new byte[3 * 65_535]));
    assertThat(DECODER.picture(most, "most.png").stored().width()).isEqualTo(65_535);
  }

  /** Each would be allocated for each pixel, whether it is shown or not. */
  @Test
  void samplesOfATiffAreLimited() {
    assertThat(DECODER.picture(Tiff.of(2, 8, "", new int[16]), "x").hasAlpha()).isFalse();
    assertThatThrownBy(() -> DECODER.picture(Tiff.of(2, 8, "", new int[17]), "x.tif"))
        .hasMessage("x.tif: a damaged image (TIFF): 17 samples a pixel, more than 16");
    assertThatThrownBy(() -> DECODER.picture(Tiff.of(2, 16, "", new int[9]), "x.tif"))
        .hasMessage("x.tif: a damaged image (TIFF): 9 samples of 16 bits a pixel");
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
        int frame = ImageFiles.indexOf(bytes, 0xff, 0xc0);
        buffer.putShort(frame + 5, (short) 50_000).putShort(frame + 7, (short) 50_000);
      }
      case "rgb.bmp" -> little.putInt(18, 50_000).putInt(22, 50_000);
      case "still.gif" -> {
        int frame = ImageFiles.indexOf(bytes, ',', 0, 0, 0, 0, 24, 0, 16, 0);
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
        int header = ImageFiles.indexOf(bytes, 'V', 'P', '8', 'L') + 9;
        little.putInt(header, 16_382 | 16_382 << 14);
        int canvas = ImageFiles.indexOf(bytes, 'V', 'P', '8', 'X') + 12;
        little.putShort(canvas, (short) 16_382).putShort(canvas + 3, (short) 16_382);
      }
      default -> throw new AssertionError(name);
    }
    return bytes;
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
    byte[] png = ImageFiles.resource("rgb.png");
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
    byte[] jpeg = ImageFiles.resource("progressive.jpg");
    int scan = ImageFiles.indexOf(jpeg, 0xff, 0xda);
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
    assertThat(new ImageDecoder(384, 2000).picture(ImageFiles.resource("rgb.png"), "x").bits())
        .isEqualTo(8);
    assertThatThrownBy(
            () -> new ImageDecoder(383, 2000).picture(ImageFiles.resource("rgb.png"), "x"))
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
    for (String name : ImageFiles.ALL) {
      byte[] sound = ImageFiles.resource(name);
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
}

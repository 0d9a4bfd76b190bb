package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.torch.Ops;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {

  private final Path folder;

  ImagesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void losslessFormatsKeepEveryValue(String format) throws IOException {
    Pixels image = noise(5, 7);
    BufferedImage buffered = ImageIO.read(new ByteArrayInputStream(Images.pngBytes(image)));
    assertSame(Images.read(encoded(buffered, format), "x"), image);
  }

  @Test
  void pngFilesComeBackAsTheyWere() {
    Pixels image = noise(3, 4);
    Path file = folder.resolve("a/b.png");
    Images.writePng(file, image);
    assertSame(Images.read(file), image);
  }

  @Test
  void greyValuesStayAsStored() throws IOException {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage deep = new BufferedImage(256, 1, BufferedImage.TYPE_USHORT_GRAY);
    for (int i = 0; i < 256; i++) {
      grey.getRaster().setSample(i, 0, 0, i);
      ((DataBufferUShort) deep.getRaster().getDataBuffer()).setElem(i, i * 257);
    }
    for (BufferedImage image : List.of(grey, deep)) {
      Pixels read = Images.read(encoded(image, "png"), "x");
      for (int i = 0; i < 3 * 256; i++) {
        assertThat(read.rgb()[i] & 0xff).isEqualTo(i % 256);
      }
    }
  }

  @Test
  void transparencyIsCompositedOnWhite() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00000000);
    image.setRGB(1, 0, 0x80ff0000);
    image.setRGB(2, 0, 0xff0102ff);
    Pixels read = Images.read(encoded(image, "png"), "x");
    assertThat(read.rgb()).isEqualTo(bytes(255, 255, 1, 255, 127, 2, 255, 127, 255));
  }

  @Test
  void palettesAreLookedUp() throws IOException {
    IndexColorModel palette =
        new IndexColorModel(2, 3, bytes(0, 255, 255), bytes(0, 0, 255), bytes(0, 0, 255));
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_BINARY, palette);
    image.getRaster().setSample(0, 0, 0, 1);
    image.getRaster().setSample(1, 1, 0, 2);
    for (String format : List.of("gif", "png")) {
      byte[] rgb = Images.read(encoded(image, format), "x").rgb();
      assertThat(bytes(rgb[0], rgb[256], rgb[512])).isEqualTo(bytes(255, 0, 0));
      assertThat(bytes(rgb[17], rgb[273], rgb[529])).isEqualTo(bytes(255, 255, 255));
      assertThat(bytes(rgb[1], rgb[257], rgb[513])).isEqualTo(bytes(0, 0, 0));
    }
  }

  /** The left half dark, the top row bright, so that all eight orientations differ. */
  @ParameterizedTest
  @CsvSource({
    "1,0 1 2 3 4 5,2",
    "2,2 1 0 5 4 3,2",
    "3,5 4 3 2 1 0,2",
    "4,3 4 5 0 1 2,2",
    "5,0 3 1 4 2 5,3",
    "6,3 0 4 1 5 2,3",
    "7,5 2 4 1 3 0,3",
    "8,2 5 1 4 0 3,3"
  })
  void exifOrientationIsApplied(int orientation, String expected, int height) throws IOException {
    int cell = 16;
    BufferedImage grey = new BufferedImage(3 * cell, 2 * cell, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 2 * cell; y++) {
      for (int x = 0; x < 3 * cell; x++) {
        grey.getRaster().setSample(x, y, 0, 40 * (y / cell * 3 + x / cell));
      }
    }
    Pixels read = Images.read(withOrientation(encoded(grey, "jpg"), orientation), "x");
    assertThat(read.height()).isEqualTo(height * cell);
    StringBuilder cells = new StringBuilder();
    for (int y = cell / 2; y < read.height(); y += cell) {
      for (int x = cell / 2; x < read.width(); x += cell) {
        cells.append(Math.round((read.rgb()[y * read.width() + x] & 0xff) / 40.0)).append(' ');
      }
    }
    assertThat(cells.toString().strip()).isEqualTo(expected);
  }

  @Test
  void shrinkingTakesTheMeanAndGrowingInterpolates() {
    Pixels flat = new Pixels(9, 6, filled(3 * 54, 77));
    assertThat(Images.resize(flat, 4, 11).rgb()).containsOnly(77);
    Pixels ramp = new Pixels(1, 2, bytes(0, 100, 0, 100, 0, 100));
    assertThat(Arrays.copyOf(Images.resize(ramp, 1, 4).rgb(), 4)).isEqualTo(bytes(0, 25, 75, 100));
    Pixels noise = noise(64, 64);
    assertThat(mean(Images.resize(noise, 8, 8))).isCloseTo(mean(noise), within(4));
    Pixels checkers = new Pixels(8, 8, new byte[192]);
    for (int i = 0; i < 192; i++) {
      checkers.rgb()[i] = (byte) ((i + i / 8) % 2 * 255);
    }
    for (byte value : Images.resize(checkers, 2, 2).rgb()) {
      assertThat(value & 0xff).isBetween(120, 135);
    }
  }

  @Test
  void tensorsHoldBytesOver255AndComeBackExactly() {
    List<Pixels> images = List.of(noise(4, 5), noise(4, 5));
    Tensor batch = Images.toTensor(images);
    assertThat(Ops.shape(batch)).containsExactly(2, 3, 4, 5);
    float[] values = Ops.toFloats(batch);
    for (int i = 0; i < 60; i++) {
      assertThat(values[60 + i]).isEqualTo((images.get(1).rgb()[i] & 0xff) / 255f);
    }
    List<Pixels> back = Images.fromTensor(batch);
    assertSame(back.get(0), images.get(0));
    assertSame(back.get(1), images.get(1));
    Tensor wild = Ops.floats(new float[] {-1, 2, 0.4999f / 255}, 1, 3, 1, 1);
    assertThat(Images.fromTensor(wild).getFirst().rgb()).isEqualTo(bytes(0, 255, 0));
    assertThatThrownBy(() -> Images.toTensor(List.of(noise(4, 5), noise(5, 4))))
        .hasMessageContaining("one size: 5×4, not 4×5");
    assertThatThrownBy(() -> Images.fromTensor(Ops.floats(new float[4], 1, 1, 2, 2)))
        .hasMessageContaining("[1, 1, 2, 2]");
  }

  @Test
  void whatIsNoImageIsNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.png"), "no image");
    assertThatThrownBy(() -> Images.read(text))
        .isInstanceOf(InputException.class)
        .hasMessage(text + ": not an image (expected PNG, JPEG, BMP, GIF, TIFF or WebP)");
    assertThatThrownBy(() -> Images.read(folder.resolve("none.png")))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("none.png: no such file");
    assertThatThrownBy(() -> Images.read(folder)).isInstanceOf(InputException.class);
  }

  @Test
  void anImageOfTooManyPixelsIsRefusedUnread() {
    byte[] png = Images.pngBytes(noise(1, 1));
    ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    assertThatThrownBy(() -> Images.read(png, "bomb.png"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("bomb.png: an image of 100000×100000 pixels");
  }

  @Test
  void damagedImagesGiveAnInputExceptionOrPixels() throws IOException {
    Random random = new Random(9);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Images.pngBytes(noise(8, 8))));
    for (String format : List.of("png", "jpg", "gif", "bmp")) {
      byte[] sound = encoded(image, format);
      for (int i = 0; i < 200; i++) {
        byte[] bytes = sound.clone();
        for (int k = 0; k <= random.nextInt(4); k++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        try {
          Images.read(bytes, "fuzz");
        } catch (InputException e) {
          assertThat(e.getMessage()).startsWith("fuzz: ").doesNotContain("\n");
        }
      }
    }
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  private static double mean(Pixels image) {
    double sum = 0;
    for (byte b : image.rgb()) {
      sum += b & 0xff;
    }
    return sum / image.rgb().length;
  }

  private static byte[] withOrientation(byte[] jpeg, int orientation) {
    byte[] exif =
        HexFormat.of()
            .parseHex(
                "ffe10022457869660000"
                    + "4d4d002a00000008"
                    + "0001"
                    + "011200030000000100%02x0000".formatted(orientation)
                    + "00000000");
    byte[] joined = new byte[jpeg.length + exif.length];
    System.arraycopy(jpeg, 0, joined, 0, 2);
    System.arraycopy(exif, 0, joined, 2, exif.length);
    System.arraycopy(jpeg, 2, joined, 2 + exif.length, jpeg.length - 2);
    return joined;
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  private static Pixels noise(int height, int width) {
    byte[] rgb = new byte[3 * height * width];
    new Random(height).nextBytes(rgb);
    return new Pixels(height, width, rgb);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static void assertSame(Pixels actual, Pixels expected) {
    assertThat(actual.height()).isEqualTo(expected.height());
    assertThat(actual.width()).isEqualTo(expected.width());
    assertThat(actual.rgb()).isEqualTo(expected.rgb());
  }
}

package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was read, changed and written again. */
final class ImageEncoderTest {

  private static final ImageDecoder DECODER = ImageDecoder.standard();

  static Stream<String> all() {
    return ImageFiles.ALL.stream();
  }

  /** A file that was read and written looks as it did. */
  @ParameterizedTest
  @MethodSource("all")
  void whatIsWrittenAgainLooksTheSame(String name) {
    Picture read = DECODER.picture(ImageFiles.resource(name), name);
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
    Picture plain = DECODER.picture(ImageFiles.resource("rgba.png"), "x");
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
    Picture grey = DECODER.picture(ImageFiles.resource("grey.png"), "x");
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
    Picture read = DECODER.picture(ImageFiles.resource("rgb.jpg"), "x");
    byte[] file = new ImageEncoder(95).encode(read, ImageFormat.JPEG);
    int frame = ImageFiles.indexOf(file, 0xff, 0xc0);
    assertThat(file[frame + 9]).isEqualTo((byte) 3);
    for (int i = 0; i < 3; i++) {
      assertThat(file[frame + 11 + 3 * i]).as("sampling of component %d", i).isEqualTo((byte) 0x11);
    }
    assertThatThrownBy(() -> new ImageEncoder(101)).isInstanceOf(InputException.class);
  }
}

package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of every kind, written by Pillow, read as Pillow reads them. */
final class ImageDecoderTest {

  private static final ImageDecoder DECODER = ImageDecoder.standard();

  /** What Pillow reads; {@code upright} composited on white. */
  @SuppressWarnings("ArrayRecordComponent")
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Expected(String stored, String upright, int width, int orientation, int profile) {}

  private static Map<String, Expected> pillow() throws IOException {
    return new ObjectMapper()
        .readValue(ImageFiles.resource("images.json"), new TypeReference<>() {});
  }

  static Stream<Map.Entry<String, Expected>> readByPillow() throws IOException {
    Map<String, Expected> all = pillow();
    assertThat(all).hasSizeGreaterThan(20);
    return all.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("readByPillow")
  void readsWhatPillowReads(Map.Entry<String, Expected> image) {
    String name = image.getKey();
    Expected expected = image.getValue();
    Picture picture = DECODER.picture(ImageFiles.resource(name), name);
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
      Picture picture = DECODER.picture(ImageFiles.resource(name), name);
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
    assertThatThrownBy(() -> DECODER.picture(ImageFiles.resource(name), name))
        .isInstanceOf(InputException.class)
        .hasMessage(name + ": " + reason);
  }

  /** Data sets take the first image of an animation. */
  @ParameterizedTest
  @ValueSource(strings = {"animated.gif", "animated.png", "pages.tif"})
  void netsSeeTheFirstImageOfSeveral(String name) {
    Pixels first = DECODER.pixels(ImageFiles.resource(name), name);
    assertThat(first.width()).isEqualTo(24);
    assertThat(first.height()).isEqualTo(16);
  }

  /** The decoder would convert them to sRGB, and the profile would then be wrong for them. */
  @Test
  void coloursOfAWebpStayAsStoredAndKeepTheirProfile() throws IOException {
    byte[] webp = ImageFiles.resource("lossless.webp");
    int profileAt = ImageFiles.indexOf(webp, 'I', 'C', 'C', 'P') + 8;
    ByteBuffer profile = ByteBuffer.wrap(webp).position(profileAt).slice();
    // Display P3 is sRGB with these primaries
    colourant(profile, "rXYZ", .51512, .24120, -.00105);
    colourant(profile, "gXYZ", .29198, .69225, .04189);
    colourant(profile, "bXYZ", .15710, .06657, .78407);
    Picture picture = DECODER.picture(webp, "p3.webp");
    byte[] stored =
        Base64.getDecoder().decode(Objects.requireNonNull(pillow().get("lossless.webp")).stored());
    int plane = picture.stored().rgb().length / 3;
    for (int i = 0; i < 3 * plane; i++) {
      assertThat(picture.stored().rgb()[i]).isEqualTo(stored[i % plane * 4 + i / plane]);
    }
    byte[] p3 = Arrays.copyOfRange(webp, profileAt, profileAt + profile.getInt(0));
    assertThat(picture.profile()).isEqualTo(p3);
    byte[] png = new ImageEncoder(95).encode(picture, ImageFormat.PNG);
    Picture written = DECODER.picture(png, "p3.png");
    assertThat(written.profile()).isEqualTo(p3);
    assertThat(written.upright().rgb()).isEqualTo(picture.upright().rgb());
  }

  private static void colourant(ByteBuffer profile, String tag, double... xyz) {
    for (int entry = 132; entry < 132 + 12 * profile.getInt(128); entry += 12) {
      byte[] name = new byte[4];
      profile.get(entry, name);
      if (tag.equals(new String(name, StandardCharsets.ISO_8859_1))) {
        for (int i = 0; i < 3; i++) {
          profile.putInt(profile.getInt(entry + 4) + 8 + 4 * i, (int) Math.round(65536 * xyz[i]));
        }
        return;
      }
    }
    throw new AssertionError("no " + tag);
  }

  @ParameterizedTest
  @CsvSource({
    // samples; what ExtraSamples says: the colour, alpha, and the colour on white
    "100 100 100 128, 1, 199, 128, 227",
    "100 100 100 128, 2, 100, 128, 177",
    "100 100 100 128, 0, 100, -1, 100",
    "100 100 100 128, '', 100, -1, 100",
    "100 100 100 60, 1, 255, 60, 255",
    "0 0 0 0, 1, 0, 0, 255",
    "100 128, 1, 199, 128, 227",
    "100 128, 2, 100, 128, 177",
    "100 128, 0, 100, -1, 100",
    "100 128, '', 100, -1, 100",
    "100 100 100 128 9, 0 0, 100, -1, 100",
  })
  void aFurtherSampleOfATiffIsAlphaWhereItIsSaidToBe(
      String samples, String extra, int colour, int alpha, int onWhite) {
    for (int bits : List.of(8, 16)) {
      int[] pixel = Tiff.numbers(samples);
      byte[] tiff = Tiff.of(pixel.length > 2 ? 2 : 1, bits, extra, pixel);
      Picture picture = DECODER.picture(tiff, "x.tif");
      assertThat(picture.grey()).isEqualTo(pixel.length == 2);
      assertThat(picture.stored().rgb()).containsOnly((byte) colour);
      assertThat(picture.hasAlpha()).isEqualTo(alpha >= 0);
      assertThat(picture.alpha()).isEqualTo(alpha < 0 ? new byte[0] : new byte[] {(byte) alpha});
      assertThat(picture.upright().rgb()).containsOnly((byte) onWhite);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 8, 1 2 3 4 5, 2 0, a damaged image (TIFF): alpha beside further samples",
    "2, 8, 1 2 3 4, 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0, a damaged image (TIFF): 17 further samples a pixel",
    "3, 8, 1 2, 2, a damaged image (TIFF): a palette with further samples",
    "5, 16, 1 2 3 4, '', 'inks in other than four samples of 8 bits, without a profile for them'",
    "5, 8, 1 2 3 4 5, 2, 'inks in other than four samples of 8 bits, without a profile for them'",
  })
  void samplesOfATiffThatWouldShowWrongColoursAreRefused(
      int kind, int bits, String samples, String extra, String reason) {
    byte[] tiff = Tiff.of(kind, bits, extra, Tiff.numbers(samples));
    assertThatThrownBy(() -> DECODER.picture(tiff, "x.tif"))
        .isInstanceOf(InputException.class)
        .hasMessage("x.tif: " + reason);
  }
}

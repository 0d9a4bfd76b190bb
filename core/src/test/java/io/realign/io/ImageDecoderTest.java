package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
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

  static Stream<Map.Entry<String, Expected>> readByPillow() throws IOException {
    Map<String, Expected> all =
        new ObjectMapper().readValue(ImageFiles.resource("images.json"), new TypeReference<>() {});
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
}

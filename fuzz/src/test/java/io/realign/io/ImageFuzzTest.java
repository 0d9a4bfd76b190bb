package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** Images: decoded as a net sees them, and written again as {@code purify} does. */
final class ImageFuzzTest {

  private static final String NAME = "hostile.png";
  private static final ImageDecoder DECODER = new ImageDecoder(1 << 20, 1 << 20);
  private static final ImageEncoder ENCODER = new ImageEncoder(95);

  @FuzzTest
  void decodesOrRefuses(byte[] content) {
    byte[] bytes = PngChecksums.corrected(content);
    HostileFile.refusing(NAME, () -> DECODER.header(bytes, NAME));
    HostileFile.refusing(NAME, () -> DECODER.pixels(bytes, NAME));
  }

  @FuzzTest
  void writesAgainWhatItReads(byte[] content) {
    byte[] bytes = PngChecksums.corrected(content);
    HostileFile.refusing(
        NAME,
        () -> {
          Picture picture = DECODER.picture(bytes, NAME);
          Picture same = picture.with(picture.upright());
          byte[] written = ENCODER.encode(same, ImageEncoder.keeping(same));
          Picture again = DECODER.picture(written, NAME);
          if (again.upright().height() != picture.upright().height()) {
            throw new AssertionError("turned by writing");
          }
        });
  }
}

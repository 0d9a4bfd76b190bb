package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** Masks: images that store one value for each pixel. */
final class MaskFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".png");
  private static final ImageDecoder DECODER = new ImageDecoder(1 << 20, 1 << 20);

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(PngChecksums.corrected(content), DECODER::mask);
  }
}

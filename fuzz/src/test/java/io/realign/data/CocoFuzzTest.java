package io.realign.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** COCO's JSON. */
final class CocoFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".json");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          CocoAnnotations.categories(file);
          CocoAnnotations.read(file);
        });
  }
}

package io.realign.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import org.junit.jupiter.api.Timeout;

/** COCO's JSON. */
final class CocoFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".json");

  @FuzzTest
  @Timeout(20)
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          CocoAnnotations.categories(file);
          CocoAnnotations.read(file);
        });
  }
}

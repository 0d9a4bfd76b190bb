package io.realign.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import java.util.List;

/** The XML of PASCAL VOC. */
final class VocAnnotationFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".xml");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, file -> VocAnnotation.read(file, List.of("dog", "person")));
  }
}

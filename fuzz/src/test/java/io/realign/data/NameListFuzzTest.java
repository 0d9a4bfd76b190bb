package io.realign.data;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** Names of classes, one a line. */
final class NameListFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".txt");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, NameList::read);
  }
}

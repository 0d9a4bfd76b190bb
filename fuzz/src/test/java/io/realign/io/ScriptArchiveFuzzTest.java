package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** TorchScript, read without running it. */
final class ScriptArchiveFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".pt");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          if (ScriptArchive.isOne(file)) {
            ScriptArchive.read(file).quantised();
          }
        });
  }
}

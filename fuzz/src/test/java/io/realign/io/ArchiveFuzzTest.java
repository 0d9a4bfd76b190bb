package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** Archives of images or data sets: .zip, .tar and .tar.gz. */
final class ArchiveFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".tar");
  private static final Archive LIMITS = new Archive(16 << 20, 1000);

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          try (ArchiveEntries entries = LIMITS.open(file)) {
            while (entries.next()) {
              if (entries.path().isAbsolute() || entries.path().startsWith("..")) {
                throw new AssertionError("leaves the folder: " + entries.path());
              }
              if (entries.isFile()) {
                entries.readNBytes(1 << 10);
                entries.skipRest();
              }
            }
          }
        });
  }
}

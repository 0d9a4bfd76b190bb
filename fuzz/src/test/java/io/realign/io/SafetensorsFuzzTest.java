package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import io.realign.torch.Scope;

/** Weights in safetensors. */
final class SafetensorsFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".safetensors");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          try (Scope scope = Scope.open()) {
            Safetensors.readMetadata(file);
            Safetensors.read(file);
          }
        });
  }
}

package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import io.realign.torch.Scope;

/** State dictionaries of PyTorch, in the zip format and the one before it. */
final class TorchFileFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".pth");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          try (Scope scope = Scope.open()) {
            TorchFile.read(file);
          }
        });
  }
}

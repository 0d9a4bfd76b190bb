package io.realign.align;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import io.realign.nn.StateDictMismatch;
import io.realign.torch.Compute;
import io.realign.torch.Scope;

/** Defenses: the net is made as its metadata says, before its weights are looked at. */
final class DefenseFileFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".safetensors");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(
        content,
        file -> {
          try (Scope scope = Scope.open()) {
            DefenseFile.read(file, Compute.CPU);
          } catch (StateDictMismatch e) {
            // weights of another net
          }
        });
  }
}

package io.realign.target;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** The YAML that describes a TorchScript target. */
final class ScriptConfigFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".yaml");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, ScriptConfig::read);
  }
}

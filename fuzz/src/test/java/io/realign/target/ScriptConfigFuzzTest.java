package io.realign.target;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import org.junit.jupiter.api.Timeout;

/** The YAML that describes a TorchScript target. */
final class ScriptConfigFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".yaml");

  @FuzzTest
  @Timeout(20)
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, ScriptConfig::read);
  }
}

package io.realign.train;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;
import io.realign.io.Yaml;

/** The config.yaml of a training. */
final class DefenseConfigFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".yaml");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, file -> Yaml.read(file, DefenseConfig.class));
  }
}

package io.realign.serve;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** The YAML that lists the models of a service. */
final class ModelSourceFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".yaml");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, ModelSource::read);
  }
}

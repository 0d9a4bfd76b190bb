package io.realign.report;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.HostileFile;

/** The figures of a run, which {@code report} takes from anywhere. */
final class ResultsFuzzTest {

  private static final HostileFile FILE = HostileFile.ending(".json");

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    FILE.parse(content, ResultsJson::read);
  }
}

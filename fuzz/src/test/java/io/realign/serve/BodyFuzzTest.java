package io.realign.serve;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** The JSON that requests to the service hold. */
final class BodyFuzzTest {

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    read(content, BatchEndpoint.Body.class);
    read(content, AttackEndpoint.Body.class);
  }

  private static void read(byte[] content, Class<?> type) {
    try {
      Json.read(content, type);
    } catch (Problem problem) {
      String detail = String.valueOf(problem.getMessage());
      if (detail.chars().anyMatch(Character::isISOControl) || detail.contains("io.realign")) {
        throw new AssertionError("not one clear line: " + detail, problem);
      }
    }
  }
}

package io.realign.serve;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

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
      boolean ours = detail.contains("io.realign") && !quotes(content, "io.realign");
      if (detail.chars().anyMatch(Character::isISOControl) || ours) {
        throw new AssertionError("not one clear line: " + detail, problem);
      }
    }
  }

  private static boolean quotes(byte[] content, String name) {
    return new String(content, StandardCharsets.ISO_8859_1).contains(name);
  }
}

package io.realign;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The BOM has no parent, so nothing else keeps it in step. */
final class BillOfMaterialsTest {

  private static final String PARENT = Document.of("pom.xml").text();
  private static final String BOM = Document.of("bom/pom.xml").text();

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static String version(String pom, String artifact) {
    String pattern =
        "<artifactId>%s</artifactId>\\s*<version>([^<]+)</version>".formatted(artifact);
    return Pattern.compile(pattern)
        .matcher(pom)
        .results()
        .findFirst()
        .map((MatchResult found) -> found.group(1))
        .orElseThrow();
  }

  @Test
  void hasTheVersionOfTheOthers() {
    assertThat(version(BOM, "realign-bom")).isEqualTo(version(PARENT, "realign-parent"));
  }

  @Test
  void namesEveryModuleThatHoldsMoreThanTests() {
    List<String> jars =
        all("<module>(\\w+)</module>", PARENT).stream()
            .filter(module -> Files.isDirectory(Path.of("..", module, "src", "main")))
            .map(module -> "realign-" + module)
            .toList();
    assertThat(all("<artifactId>(realign-\\w+)</artifactId>\\s*<version>\\$", BOM))
        .containsExactlyInAnyOrderElementsOf(jars);
  }
}

package io.realign.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attacks beside the implementations that define them, on few images: {@code
 * -Dpeers.python=EXECUTABLE -Dpeers.autoattack=CHECKOUT -Dreal.data=DIR}, see bench/peers.
 */
@Tag("peers")
class PeersTest {

  private static final int IMAGES = 100;

  private static String property(String name) {
    String value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException("set -D" + name + ", see bench/peers/README.md");
    }
    return value;
  }

  /** At most one image of a hundred more is left right; the smallest changes are as small. */
  @Test
  void attacksAreAsStrongAsTheirReferences(@TempDir Path folder) throws Exception {
    Path script = Path.of("peers", "compare.py").toAbsolutePath();
    Path out = folder.resolve("compare.json");
    Process process =
        new ProcessBuilder(
                property("peers.python"),
                script.toString(),
                "--data-dir",
                property("real.data"),
                "--autoattack",
                property("peers.autoattack"),
                "--nets",
                "cifar-adv-cnn-a",
                "--shades",
                "2",
                "--limit",
                Integer.toString(IMAGES),
                "--pairs",
                "fgsm:torchattacks,bim:torchattacks,pgd:torchattacks,mi-fgsm:torchattacks,"
                    + "apgd-ce:autoattack,apgd-dlr:autoattack,apgd-t:autoattack,"
                    + "square:autoattack,deepfool:foolbox,deepfool-l2:foolbox,hopskipjump:foolbox",
                "--out",
                out.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    JsonNode rows = rows(out);
    assertThat(rows).hasSize(11);
    for (JsonNode row : rows) {
      assertThat(row.get("realign_accuracy").doubleValue())
          .as(row.toString())
          .isLessThanOrEqualTo(row.get("reference_accuracy").doubleValue() + 1.0 / IMAGES + 1e-9);
      if (row.has("realign_median")) {
        assertThat(row.get("realign_median").doubleValue())
            .as(row.toString())
            .isLessThanOrEqualTo(1.02 * row.get("reference_median").doubleValue());
      }
    }
  }

  private static JsonNode rows(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(file.toFile()).get("rows");
  }
}

package io.realign.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** One quick run leaves every figure. */
final class BenchCommandTest {

  @TempDir private Path folder;

  @Test
  void measuresEverythingInOneRun() throws IOException {
    Path file = folder.resolve("bench.json");
    StringWriter out = new StringWriter();
    int code =
        new CommandLine(new BenchCommand())
            .setOut(new PrintWriter(out))
            .execute("--quick", "--repeats", "1", "--out", file.toString());
    assertThat(code).isZero();
    assertThat(out.toString()).contains("conv peak", "images/s", "Where a step's time goes");

    JsonNode report = new ObjectMapper().readTree(file.toFile());
    assertThat(report.at("/conv_peak/fp32").asDouble()).isPositive();
    assertThat(report.at("/wide/rows").size()).isGreaterThanOrEqualTo(2);
    assertThat(report.at("/defense/speed/images_per_second/median").asDouble()).isPositive();
    assertThat(report.at("/defense/parts").size()).isEqualTo(StepParts.Part.values().length);
    for (String key : new String[] {"machine", "versions", "commit", "seed", "load_before"}) {
      assertThat(report.has(key)).as(key).isTrue();
    }
  }
}

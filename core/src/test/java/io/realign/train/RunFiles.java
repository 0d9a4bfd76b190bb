package io.realign.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.realign.torch.Ops;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run left, without the times. */
final class RunFiles {

  private RunFiles() {}

  /** Every tensor of the checkpoint, and every optimiser, by the hash of its bits. */
  static Map<String, Integer> weights(Path out) {
    Checkpoint checkpoint = Checkpoint.read(out.resolve(DefenseTraining.CHECKPOINT));
    Map<String, Integer> hashes = new TreeMap<>();
    checkpoint
        .tensors()
        .entries()
        .forEach(e -> hashes.put(e.getKey(), Arrays.hashCode(Ops.toFloats(e.getValue()))));
    return hashes;
  }

  /** The lines of metrics.jsonl without seconds and images/s. */
  static List<JsonNode> metrics(Path out) {
    try {
      return Files.readAllLines(out.resolve(MetricsWriter.FILE)).stream()
          .map(RunFiles::withoutTimes)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Long> steps(Path out) {
    return metrics(out).stream().map(line -> line.get("step").asLong()).toList();
  }

  private static JsonNode withoutTimes(String line) {
    try {
      ObjectNode node = (ObjectNode) JsonMapper.builder().build().readTree(line);
      node.remove(List.of("seconds", "images_per_second"));
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

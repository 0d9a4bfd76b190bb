package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DefenseOriginTest {

  private static final Path FILE = Path.of("runs", "defense.safetensors");
  private static final String ONE = "1".repeat(64);
  private static final String TWO = "2".repeat(64);

  @Test
  void anotherNetBehindTheDefenseIsToldInOneLine() {
    DefenseOrigin origin = new DefenseOrigin(Map.of("target", "net@a.pth", "target_sha256", ONE));
    assertThat(origin.note(FILE, TWO))
        .contains(
            "defense.safetensors was trained for another net (net@a.pth, SHA-256 11111111…) than"
                + " this one (22222222…), which it may protect less");
    assertThat(origin.note(FILE, ONE)).isEmpty();
  }

  @Test
  void aFileThatDoesNotSayWhatItWasTrainedForIsOfAnyNet() {
    assertThat(new DefenseOrigin(Map.of("target", "net@a.pth")).note(FILE, ONE)).isEmpty();
    assertThat(new DefenseOrigin(Map.of("target_sha256", "")).note(FILE, ONE)).isEmpty();
  }
}

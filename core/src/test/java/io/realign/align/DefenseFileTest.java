package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.nn.StateDictMismatch;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DefenseFileTest {

  private static final List<Double> HALVES = List.of(.5, .5, .5);

  @TempDir private Path folder = Path.of("");

  private Path file(CompactGenerator.Config claimed, CompactGenerator.Config held) {
    Path file = folder.resolve("defense.safetensors");
    StateDict weights = held.create(Seed.of(1), Compute.CPU).params().dict();
    DefenseFile.write(file, claimed, weights, Map.of("target", "some net"));
    return file;
  }

  private static CompactGenerator.Config config(int filters) {
    return new CompactGenerator.Config(filters, 1, 1, 1, .1, HALVES, HALVES);
  }

  @Test
  void readsTheGeneratorThatWasWritten() {
    try (Scope scope = Scope.open()) {
      Path file = file(config(4), config(4));
      Generator read = DefenseFile.read(file, Compute.CPU).generator();
      assertThat(read.config()).isEqualTo(config(4));
      StateDict held = Safetensors.read(file);
      read.params()
          .dict()
          .entries()
          .forEach(
              weight ->
                  assertThat(weight.getValue().equal(held.get(weight.getKey())))
                      .as(weight.getKey())
                      .isTrue());
    }
  }

  @Test
  void listsWhatDiffersInANetOfAboutThatSize() {
    try (Scope scope = Scope.open()) {
      Path file = file(config(5), config(4));
      assertThatThrownBy(() -> DefenseFile.read(file, Compute.CPU))
          .isInstanceOf(StateDictMismatch.class)
          .hasMessageContaining("defense.safetensors does not fit: ")
          .hasMessageContaining("instead of");
    }
  }

  @Test
  void allocatesNothingForANetThatIsFarLargerThanItsFile() {
    try (Scope scope = Scope.open()) {
      Path file = file(config(20_000), config(4)); // 58 GB of weights
      long before = Pointer.physicalBytes();
      assertThatThrownBy(() -> DefenseFile.read(file, Compute.CPU))
          .isInstanceOf(StateDictMismatch.class)
          .hasMessageMatching(
              ".*does not fit: it holds \\d+ values, the net that it names has far more");
      assertThat(Pointer.physicalBytes() - before).isLessThan(64 << 20);
    }
  }

  @Test
  void refusesWeightsWithoutAGenerator() {
    try (Scope scope = Scope.open()) {
      Path file = folder.resolve("weights.safetensors");
      Safetensors.write(file, config(4).create(Seed.of(1), Compute.CPU).params().dict(), Map.of());
      assertThatThrownBy(() -> DefenseFile.read(file, Compute.CPU))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("not a defense");
    }
  }
}

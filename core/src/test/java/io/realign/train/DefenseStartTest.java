package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.realign.align.CompactGenerator;
import io.realign.io.Build;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(OneCore.class)
class DefenseStartTest {

  private static final DefenseConfig SHORT = TinyRun.config(8, 1);

  @TempDir private static Path once = Path.of("");

  private final Path folder;

  DefenseStartTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @BeforeAll
  static void trainTheFirst() {
    TinyRun.train(TinyRun.config(120, 1), once);
  }

  private static Path first() {
    return once.resolve(DefenseTraining.DEFENSE);
  }

  /** The mean task loss of a short run. */
  private double trained(String name, DefenseConfig config, Optional<Path> start) {
    List<Double> losses = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public void stepped(Progress progress) {
            losses.add(progress.losses().get("task"));
          }
        };
    DefenseTraining.run(
        config,
        TinyRun.inputs(Compute.CPU, start.map(file -> DefenseStart.read(file, Compute.CPU))),
        folder.resolve(name),
        true,
        Duration.ofDays(1),
        List.of(listener),
        () -> false);
    return losses.stream().mapToDouble(loss -> loss).average().orElseThrow();
  }

  @Test
  void goesOnFromWhatWasLearnt() {
    double anew = trained("new", SHORT, Optional.empty());
    double after = trained("second", SHORT, Optional.of(first()));

    assertThat(after).isLessThan(.5 * anew);
  }

  @Test
  void theDefenseSaysWhatItStartedFrom() {
    trained("second", SHORT, Optional.of(first()));

    Path second = folder.resolve("second").resolve(DefenseTraining.DEFENSE);
    assertThat(Safetensors.readMetadata(second))
        .containsEntry("start_sha256", Checksum.sha256(first()));
    assertThat(Safetensors.readMetadata(first())).doesNotContainKey("start_sha256");
  }

  @Test
  void theDefenseSaysHowItWasMade() {
    assertThat(Safetensors.readMetadata(first()))
        .containsEntry("target", "linear@none")
        .containsEntry("steps", "120")
        .containsEntry("batch", "8")
        .containsEntry("trained_size", "16x16")
        .containsEntry("class_names", "[\"red\",\"green\",\"blue\"]")
        .containsEntry("trained_by", Build.current().text())
        .doesNotContainKey("target_sha256") // it has no file
        .hasEntrySatisfying(
            "attacks",
            attacks ->
                assertThat(attacks)
                    .startsWith("[{\"name\":\"pgd-kl\",\"epsilon\":0.031,")
                    .contains("\"share\":0.5},{\"name\":\"pgd\","));
  }

  @Test
  void aRunIsResumedWithItsOwnStartAlone() {
    trained("second", SHORT, Optional.of(first()));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> trained("second", SHORT, Optional.empty()))
        .withMessageContaining("start");
  }

  @Test
  void anotherGeneratorIsRefusedWithWhatDiffers() {
    CompactGenerator.Config wider =
        new CompactGenerator.Config(8, 1, 0, 1, .12, List.of(.5, .5, .5), List.of(.5, .5, .5));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> DefenseStart.read(first(), Compute.CPU).check(wider))
        .withMessageContainingAll(first().toString(), "6, now 8", "--config");
  }
}

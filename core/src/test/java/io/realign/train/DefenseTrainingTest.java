package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.align.DefenseFile;
import io.realign.align.GeneratorPurifier;
import io.realign.align.LossPreset;
import io.realign.align.Variant;
import io.realign.io.InputException;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(OneCore.class)
class DefenseTrainingTest {

  private final Path folder;

  DefenseTrainingTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** Remembers what a run says. */
  private static final class Memory implements Listener {
    final List<Progress> steps = new ArrayList<>();
    final List<Map<String, Double>> figures = new ArrayList<>();
    final List<Long> saved = new ArrayList<>();

    @Override
    public void stepped(Progress progress) {
      steps.add(progress);
    }

    @Override
    public void validated(long step, Map<String, Double> found, boolean best) {
      figures.add(found);
    }

    @Override
    public void saved(long step) {
      saved.add(step);
    }

    double mean(String term, int from, int to) {
      return steps.subList(from, to).stream()
          .mapToDouble(step -> step.losses().get(term))
          .average()
          .orElseThrow();
    }
  }

  @Test
  void repairsWhatTheAttacksBroke() {
    Memory memory = new Memory();
    boolean done =
        TinyRun.train(TinyRun.config(240, 1), folder, Duration.ofDays(1), () -> false, memory);
    assertThat(done).isTrue();
    assertThat(memory.mean("task", 220, 240)).isLessThan(.3 * memory.mean("task", 0, 10));
    Map<String, Double> early = memory.figures.getFirst();
    Map<String, Double> last = memory.figures.getLast();
    assertThat(last).containsOnlyKeys("clean", "pgd-kl", "pgd", "margin");
    assertThat(last.get("clean")).isGreaterThan(.95);
    assertThat(last.get("pgd")).isGreaterThan(.8).isGreaterThanOrEqualTo(early.get("pgd"));
    assertThat(last.get("margin")).isGreaterThan(.8);
    GeneratorPurifier kept = DefenseFile.read(folder.resolve(DefenseTraining.DEFENSE), Compute.CPU);
    assertThat(kept.name()).isEqualTo(DefenseTraining.DEFENSE);
    assertThat(folder.resolve(DefenseTraining.CONFIG)).exists();
  }

  @Test
  void goesOnToTheSameBitsAfterBeingStopped() throws Exception {
    DefenseConfig config = TinyRun.config(40, 1);
    Path calm = folder.resolve("calm");
    TinyRun.train(config, calm);

    Path out = folder.resolve("stopped");
    for (long stop : new long[] {3, 10, 11, 25, Long.MAX_VALUE}) {
      AtomicLong seen = new AtomicLong();
      boolean done =
          TinyRun.train(
              config,
              out,
              Duration.ofDays(1),
              () -> seen.get() >= stop,
              new Listener() {
                @Override
                public void stepped(Progress progress) {
                  seen.set(progress.step());
                }
              });
      assertThat(done).isEqualTo(stop == Long.MAX_VALUE);
      assertThat(Checkpoint.read(out.resolve(DefenseTraining.CHECKPOINT)).step())
          .isEqualTo(Math.min(stop, 40));
    }

    assertThat(RunFiles.weights(out)).isEqualTo(RunFiles.weights(calm));
    assertThat(Files.readAllBytes(out.resolve(DefenseTraining.DEFENSE)))
        .isEqualTo(Files.readAllBytes(calm.resolve(DefenseTraining.DEFENSE)));
    assertThat(RunFiles.metrics(out)).isEqualTo(RunFiles.metrics(calm));
    assertThat(RunFiles.steps(out)).containsExactly(1L, 10L, 20L, 30L, 40L);
  }

  @Test
  void doesNotDependOnTheNumberOfCores() {
    DefenseConfig config = TinyRun.config(16, 2);
    Path one = folder.resolve("one");
    TinyRun.train(config, one);
    torch.set_num_threads(2);
    Path two = folder.resolve("two");
    TinyRun.train(config, two);
    torch.set_num_threads(1);
    assertThat(RunFiles.weights(two)).isEqualTo(RunFiles.weights(one));
  }

  @Test
  void dependsOnTheSeed() {
    DefenseConfig config = TinyRun.config(2, 1);
    TinyRun.train(config, folder.resolve("a"));
    TinyRun.train(config, folder.resolve("b"));
    assertThat(RunFiles.weights(folder.resolve("a")))
        .isEqualTo(RunFiles.weights(folder.resolve("b")));
    TinyRun.train(config.on(config.target(), config.data(), 2), folder.resolve("c"));
    assertThat(RunFiles.weights(folder.resolve("a")))
        .isNotEqualTo(RunFiles.weights(folder.resolve("c")));
  }

  /**
   * Every row of the ablation, both variants, in bf16 too: it runs, and goes on to the same bits.
   */
  @ParameterizedTest
  @CsvSource({
    "full, PAPER, FP32",
    "LI, RELEASED, FP32",
    "LF, RELEASED, FP32",
    "LI+F, PAPER, FP32",
    "LT, RELEASED, FP32",
    "LT+F, RELEASED, FP32",
    "full, RELEASED, BF16"
  })
  void trainsAndResumesEveryRowOfTheAblation(
      String loss, Variant variant, Compute.Precision precision) {
    DefenseConfig config = TinyRun.config(6, 1).trained(LossPreset.named(loss), variant, precision);
    DefenseTraining.Inputs inputs = TinyRun.inputs(Compute.of("cpu", precision.name()));
    Path calm = folder.resolve("calm");
    assertThat(run(config, inputs, calm, Long.MAX_VALUE)).isTrue();
    Path stopped = folder.resolve("stopped");
    assertThat(run(config, inputs, stopped, 3)).isFalse();
    assertThat(run(config, inputs, stopped, Long.MAX_VALUE)).isTrue();
    assertThat(RunFiles.weights(stopped)).isEqualTo(RunFiles.weights(calm));
  }

  private static boolean run(
      DefenseConfig config, DefenseTraining.Inputs inputs, Path out, long stop) {
    AtomicLong seen = new AtomicLong();
    Listener count =
        new Listener() {
          @Override
          public void stepped(Progress progress) {
            seen.set(progress.step());
          }
        };
    return DefenseTraining.run(
        config, inputs, out, true, Duration.ofDays(1), List.of(count), () -> seen.get() >= stop);
  }

  @Test
  void refusesTheCheckpointOfAnotherConfiguration() {
    TinyRun.train(TinyRun.config(2, 1), folder);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> TinyRun.train(TinyRun.config(3, 1), folder))
        .withMessageContaining(DefenseTraining.CHECKPOINT)
        .withMessageContaining("another configuration");
  }

  @Test
  void refusesADamagedCheckpoint() throws Exception {
    TinyRun.train(TinyRun.config(2, 1), folder);
    Path checkpoint = folder.resolve(DefenseTraining.CHECKPOINT);
    byte[] whole = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> TinyRun.train(TinyRun.config(2, 1), folder))
        .withMessageContaining(DefenseTraining.CHECKPOINT);
  }

  @Test
  void stopsAtALossThatIsNoNumberAndKeepsTheLastGoodCheckpoint() {
    Memory memory = new Memory();
    assertThatExceptionOfType(TrainingFailure.class)
        .isThrownBy(
            () ->
                TinyRun.train(
                    TinyRun.config(60, 1, 1e30), folder, Duration.ZERO, () -> false, memory))
        .withMessageContaining("loss term '")
        .withMessageContaining("at step " + (memory.steps.size() + 1))
        .withMessageContaining(DefenseTraining.CHECKPOINT)
        .withMessageNotContaining("\n");
    Checkpoint kept = Checkpoint.read(folder.resolve(DefenseTraining.CHECKPOINT));
    assertThat(kept.step()).isEqualTo(memory.saved.getLast());
    assertThat(RunFiles.steps(folder)).isNotEmpty().allMatch(step -> step <= memory.steps.size());
  }

  @Test
  void saysInOneLineThatTheFolderCannotBeWritten() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    assertThatThrownBy(() -> TinyRun.train(TinyRun.config(2, 1), file.resolve("run")))
        .isInstanceOfAny(InputException.class, UncheckedIOException.class)
        .message()
        .contains("config.yaml")
        .doesNotContain("\n");
    assertThat(file).hasContent("not a folder");

    Path run = folder.resolve("run");
    Files.createDirectories(run.resolve(DefenseTraining.CHECKPOINT));
    assertThatThrownBy(() -> TinyRun.train(TinyRun.config(2, 1), run, Duration.ZERO, () -> false))
        .isInstanceOfAny(InputException.class, UncheckedIOException.class)
        .message()
        .contains(DefenseTraining.CHECKPOINT)
        .doesNotContain("\n");
  }

  @Test
  void keepsMemoryFlat() {
    AtomicLong at100 = new AtomicLong();
    AtomicLong at600 = new AtomicLong();
    DefenseConfig config = TinyRun.config(600, 1).withSteps(600, 100);
    TinyRun.train(
        config,
        folder,
        Duration.ofSeconds(1),
        () -> false,
        new Listener() {
          @Override
          public void stepped(Progress progress) {
            if (progress.step() == 100) {
              at100.set(Pointer.physicalBytes());
            } else if (progress.step() == 600) {
              at600.set(Pointer.physicalBytes());
            }
          }
        });
    assertThat(at100.get()).isPositive();
    assertThat(at600.get() - at100.get()).isLessThan(64 << 20);
    assertThat(RunFiles.steps(folder))
        .containsExactlyElementsOf(
            LongStream.concat(
                    LongStream.of(1), LongStream.rangeClosed(1, 60).map(tenth -> 10 * tenth))
                .boxed()
                .toList());
  }
}

package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Safetensors;
import io.realign.torch.OneCore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is lost when a training process dies; {@code -Dkills=20} kills it more often. */
@ExtendWith(OneCore.class)
class KilledTrainingTest {

  private static final int STEPS = 120;

  private final Path folder;

  KilledTrainingTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static Process start(List<String> wrapper, Path out, long millisBetweenCheckpoints)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            TrainingProcess.class.getName(),
            out.toString(),
            Integer.toString(STEPS),
            Long.toString(millisBetweenCheckpoints)));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  @Test
  void endsWithTheSameBitsAsAnUndisturbedRun() throws Exception {
    Path calm = folder.resolve("calm");
    TinyRun.train(TinyRun.config(STEPS, 2), calm);

    int kills = Integer.getInteger("kills", 6);
    SplittableRandom random = new SplittableRandom(kills);
    Path out = folder.resolve("killed");
    int killed = 0;
    long furthest = 0;
    while (true) {
      // a kill after a random number of steps, a random moment into the next one
      int stepsThisTime = killed < kills ? random.nextInt(1, STEPS / kills) : Integer.MAX_VALUE;
      // after every step, or so seldom that several steps are undone
      Process process = start(List.of(), out, killed % 2 == 0 ? 0 : 150);
      List<String> said = new ArrayList<>();
      try (BufferedReader reader = process.inputReader()) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          said.add(line);
          if (line.startsWith("step ") && --stepsThisTime == 0) {
            Thread.sleep(0, random.nextInt(999_999));
            Thread.sleep(random.nextInt(15));
            process.destroyForcibly();
            break;
          }
        }
      }
      int exit = process.waitFor();
      if (exit == 0) {
        break;
      }
      assertThat(exit).as("%s", said).isEqualTo(128 + 9);
      killed++;
      assertThat(killed).isLessThanOrEqualTo(kills);
      furthest = wholeCheckpoint(out, furthest);
    }

    assertThat(killed).isEqualTo(kills);
    Path defense = Path.of(DefenseTraining.DEFENSE);
    assertThat(Files.readAllBytes(out.resolve(defense)))
        .isEqualTo(Files.readAllBytes(calm.resolve(defense)));
    assertThat(RunFiles.weights(out)).isEqualTo(RunFiles.weights(calm));
    assertThat(RunFiles.metrics(out)).isEqualTo(RunFiles.metrics(calm));
  }

  /** What is there after a kill can be read, and holds no less than before. */
  private static long wholeCheckpoint(Path out, long furthest) {
    Path checkpoint = out.resolve(DefenseTraining.CHECKPOINT);
    if (!Files.exists(checkpoint)) {
      return furthest;
    }
    long step = Checkpoint.read(checkpoint).step();
    assertThat(step).isGreaterThanOrEqualTo(furthest);
    Path defense = out.resolve(DefenseTraining.DEFENSE);
    if (Files.exists(defense)) {
      assertThat(Safetensors.read(defense).names()).isNotEmpty();
    }
    return step;
  }

  /** A limit on the size of files fails a write in the middle, as a full disk does. */
  @Test
  void aDiskThatIsFullIsOneClearLineAndKeepsTheFilesThatWereWhole() throws Exception {
    Path out = folder.resolve("full");
    Process process =
        start(List.of("sh", "-c", "ulimit -f 16; exec \"$@\"", "sh"), out, 0); // 8 or 16 KB
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(1);
    assertThat(said.lines().toList().getLast())
        .contains(DefenseTraining.CHECKPOINT)
        .startsWith("UncheckedIOException");
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".tmp"))
          .doesNotContain(DefenseTraining.CHECKPOINT)
          .contains(DefenseTraining.CONFIG);
    }
  }
}

package io.realign.bench;

import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import io.realign.train.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Training of a defense as users run it: the whole trainer, with attack, loader, optimisers,
 * average and metrics.
 *
 * @param steps steps timed
 * @param imagesPerStep clean images a step
 * @param imagesPerSecond one measurement a pool of attacked images, the first left out
 * @param memory how much the process grew; null where the system does not tell
 */
record DefenseSpeed(
    long steps, int imagesPerStep, Spread imagesPerSecond, @Nullable Memory memory) {

  /**
   * Resident memory of the process, in MB of 2²⁰ bytes.
   *
   * @param fromStep the step of the first look
   * @param toStep that of the last
   * @param from memory then
   * @param to memory at the end
   * @param growth the difference
   */
  record Memory(int fromStep, int toStep, double from, double to, double growth) {}

  private static final long TELL_NANOS = 15_000_000_000L;

  /** Trains for a while, with weights that are thrown away. */
  static DefenseSpeed measure(DefenseSetup setup, Plan plan, Consumer<String> progress) {
    Path folder = temporary();
    try {
      Watch watch = new Watch(setup.config(), plan, progress);
      // stops before the last step, after which it would validate
      DefenseTraining.run(
          setup.config(),
          setup.inputs(),
          folder,
          false,
          Duration.ofDays(1),
          List.of(watch),
          () -> watch.steps >= plan.steps() - 1);
      return new DefenseSpeed(
          watch.steps, setup.config().imagesPerStep(), Spread.of(watch.speeds), watch.memory(plan));
    } finally {
      delete(folder);
    }
  }

  /** Notes times at the ends of pools and memory at two steps. */
  private static final class Watch implements Listener {
    private final int imagesPerStep;
    private final long poolSteps;
    private final Plan plan;
    private final List<Double> speeds = new ArrayList<>();
    private OptionalDouble from = OptionalDouble.empty();
    private OptionalDouble to = OptionalDouble.empty();
    private long steps;
    private double poolStart;
    private long told = System.nanoTime();
    private final Consumer<String> tell;

    Watch(DefenseConfig config, Plan plan, Consumer<String> tell) {
      this.tell = tell;
      this.imagesPerStep = config.imagesPerStep();
      this.poolSteps = (long) config.replay().steps() * config.replay().times();
      this.plan = plan;
      if (plan.steps() - 1 < 2 * poolSteps) {
        throw new IllegalArgumentException(
            "%d steps are too few: two pools take %d".formatted(plan.steps() - 1, 2 * poolSteps));
      }
    }

    @Override
    public void stepped(Progress progress) {
      steps = progress.step();
      if (System.nanoTime() - told > TELL_NANOS) {
        told = System.nanoTime();
        tell.accept("step %d of %d".formatted(steps, plan.steps()));
      }
      if (steps % poolSteps == 0) {
        if (steps > poolSteps) {
          speeds.add(poolSteps * imagesPerStep / (progress.seconds() - poolStart));
        }
        poolStart = progress.seconds();
      }
      if (steps == plan.memoryFrom()) {
        from = Machine.residentMegabytes();
      }
      if (steps == plan.memoryTo()) {
        to = Machine.residentMegabytes();
      }
    }

    @Nullable Memory memory(Plan plan) {
      return from.isEmpty() || to.isEmpty()
          ? null
          : new Memory(
              plan.memoryFrom(),
              plan.memoryTo(),
              from.getAsDouble(),
              to.getAsDouble(),
              to.getAsDouble() - from.getAsDouble());
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("realign-bench");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder can be made", e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be deleted", e);
    }
  }
}

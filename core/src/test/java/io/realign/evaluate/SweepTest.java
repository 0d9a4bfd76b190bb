package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.attack.Pgd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {

  private static Sweep sweep() {
    Defense defense = Fixtures.defense(x -> x);
    return new Sweep(
        Fixtures.plan(
            60,
            Optional.of(defense),
            List.of(),
            EnumSet.of(Threat.OBLIVIOUS, Threat.ADAPTIVE),
            false),
        40);
  }

  private static double parameter(Result result, String name) {
    Object value = result.attack() == null ? Double.NaN : result.attack().parameters().get(name);
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  @Test
  void accuracyFallsWithTheRadiusToNothing() {
    List<Long> told = new ArrayList<>();
    List<Result> results =
        sweep()
            .run(pgd -> AttackedImages.NONE, (done, total) -> told.add(done), () -> false)
            .orElseThrow();
    List<Double> values =
        results.stream()
            .filter(r -> r.defense() != null && r.threat() == Threat.ADAPTIVE)
            .filter(r -> parameter(r, "steps") == Sweep.USUAL_STEPS)
            .map(Result::value)
            .toList();
    assertThat(values).hasSize(Sweep.RADII.size());
    for (int i = 1; i < values.size(); i++) {
      assertThat(values.get(i)).isLessThanOrEqualTo(values.get(i - 1));
    }
    assertThat(values.getFirst()).isGreaterThan(.5);
    assertThat(values.getLast()).isZero();
    assertThat(results).filteredOn(r -> r.attack() == null).hasSize(2); // bare and defended
    assertThat(results).extracting(Result::n).containsOnly(40L);
    assertThat(results.stream().filter(r -> r.attack() != null).map(r -> parameter(r, "steps")))
        .containsAll(Sweep.STEPS.stream().map(Integer::doubleValue).toList());
    assertThat(told).isSorted();
  }

  /** What was attacked before a stop is not attacked again. */
  @Test
  void goesOnWhereItWasStopped(@TempDir Path folder) {
    AtomicInteger asked = new AtomicInteger();
    Optional<List<Result>> stopped =
        sweep()
            .run(
                pgd -> in(folder, pgd), Evaluator.Progress.NONE, () -> asked.incrementAndGet() > 9);
    assertThat(stopped).isEmpty();
    Path first = in(folder, Sweep.attacks().getFirst()).folder().orElseThrow();
    assertThat(first.resolve("pgd-adaptive-00000.safetensors")).exists();
    List<Result> resumed =
        sweep().run(pgd -> in(folder, pgd), Evaluator.Progress.NONE, () -> false).orElseThrow();
    List<Result> whole =
        sweep().run(pgd -> AttackedImages.NONE, Evaluator.Progress.NONE, () -> false).orElseThrow();
    assertThat(resumed.stream().map(Result::value).toList())
        .isEqualTo(whole.stream().map(Result::value).toList());
  }

  private static AttackedImages in(Path folder, Pgd pgd) {
    return AttackedImages.in(folder.resolve(pgd.epsilon() + "-" + pgd.steps()));
  }
}

package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.attack.Attack;
import io.realign.attack.AttackSettings;
import io.realign.attack.Attacks;
import io.realign.attack.Fgsm;
import io.realign.attack.Pgd;
import io.realign.data.Sample;
import io.realign.io.Images;
import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvaluatorTest {

  private static final Set<Threat> BOTH = EnumSet.of(Threat.OBLIVIOUS, Threat.ADAPTIVE);

  private static final List<String> NAMES = List.of("bim", "fgsm", "margin", "pgd", "pgd-kl");

  private static List<Attack> all() {
    return NAMES.stream().map(n -> Attacks.named(n, AttackSettings.DEFAULTS)).toList();
  }

  private static Result find(List<Result> results, boolean defended, String attack, Threat threat) {
    return results.stream()
        .filter(r -> (r.defense() != null) == defended)
        .filter(r -> r.attack() != null && r.attack().name().equals(attack))
        .filter(r -> r.threat() == threat)
        .findFirst()
        .orElseThrow();
  }

  private static Result clean(List<Result> results, boolean defended) {
    return results.stream()
        .filter(r -> (r.defense() != null) == defended && r.attack() == null)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aDefenseThatChangesNothingChangesNoFigure() {
    Evaluation found =
        Fixtures.run(
            Fixtures.plan(
                50, Optional.of(Fixtures.defense(x -> Ops.scale(x, 1))), all(), BOTH, false));
    List<Result> results = found.results();
    assertThat(clean(results, true).value()).isEqualTo(clean(results, false).value());
    for (String attack : NAMES) {
      double bare = find(results, false, attack, Threat.OBLIVIOUS).value();
      assertThat(bare).isLessThanOrEqualTo(clean(results, false).value());
      for (Threat threat : BOTH) {
        assertThat(find(results, false, attack, threat).value()).isEqualTo(bare);
        assertThat(find(results, true, attack, threat).value()).isEqualTo(bare);
      }
    }
    assertThat(find(results, false, "pgd", Threat.OBLIVIOUS).value())
        .isLessThan(clean(results, false).value() - .1);
  }

  @Test
  void onlyAnAdaptiveAttackSeesThroughADefenseThatTurnsTheGradient() {
    Defense negative = Fixtures.defense(x -> Ops.affine(x, -1, 1));
    List<Result> results =
        Fixtures.run(Fixtures.plan(48, Optional.of(negative), List.of(Pgd.standard()), BOTH, false))
            .results();
    assertThat(find(results, true, "pgd", Threat.OBLIVIOUS).value())
        .isGreaterThanOrEqualTo(clean(results, true).value());
    assertThat(find(results, true, "pgd", Threat.ADAPTIVE).value())
        .isLessThan(find(results, true, "pgd", Threat.OBLIVIOUS).value());
  }

  @Test
  void recordsEveryDefenseAttackAndThreatOnce() {
    Evaluation found =
        Fixtures.run(Fixtures.plan(20, Optional.of(Fixtures.defense(x -> x)), all(), BOTH, true));
    assertThat(found.results()).hasSize(2 * (1 + 2 * all().size()));
    assertThat(found.results())
        .allSatisfy(
            result -> {
              assertThat(result.n()).isEqualTo(20);
              assertThat(result.seconds()).isPositive();
              assertThat(result.value())
                  .isBetween(result.interval().low(), result.interval().high());
              assertThat(result.target()).isEqualTo("channel-net");
              assertThat(result.weights().defense() == null).isEqualTo(result.defense() == null);
              assertThat(result.attack() == null).isEqualTo(result.threat() == null);
              if (result.attack() != null) {
                assertThat(result.attack().parameters()).containsEntry("round8", true);
              }
            });
  }

  /** Counted image by image, over batches of which the last is smaller. */
  @Test
  void countsEveryImageOnce() {
    EvaluationPlan plan =
        Fixtures.plan(
            50, Optional.empty(), List.of(Fgsm.standard()), EnumSet.of(Threat.OBLIVIOUS), false);
    EvaluationPlan.Settings settings =
        new EvaluationPlan.Settings(16, 3, false, plan.settings().compute());
    List<Result> results = Fixtures.run(Fixtures.with(plan, settings)).results();
    int clean = 0;
    int attacked = 0;
    for (int i = 0; i < 50; i++) {
      Sample sample = plan.dataset().get(i);
      Tensor image = Images.toTensor(List.of(sample.image()));
      Tensor label = Ops.longs(new long[] {sample.annotation().label()}, 1);
      Tensor moved = Fgsm.standard().perturb(plan.target(), image, label, Seed.of(0));
      clean += answer(plan.target(), image) == sample.annotation().label() ? 1 : 0;
      attacked += answer(plan.target(), moved) == sample.annotation().label() ? 1 : 0;
    }
    assertThat(clean(results, false).value()).isEqualTo(clean / 50.0);
    assertThat(find(results, false, "fgsm", Threat.OBLIVIOUS).value()).isEqualTo(attacked / 50.0);
  }

  private static long answer(Target target, Tensor image) {
    return Ops.toLongs(target.forward(image).logits().argmax(new LongOptional(1), false))[0];
  }

  @Test
  void goesOnWhereItStoppedToTheSameResult(@TempDir Path folder) throws IOException {
    EvaluationPlan plan =
        Fixtures.plan(40, Optional.of(Fixtures.defense(x -> Ops.scale(x, 1))), all(), BOTH, true);
    Evaluation calm = Fixtures.run(plan);
    AttackedImages kept = AttackedImages.in(folder);
    try (Workers workers = new Workers(1, 1)) {
      AtomicInteger asked = new AtomicInteger();
      Optional<Evaluation> stopped =
          new Evaluator(plan)
              .run(workers, kept, Evaluator.Progress.NONE, () -> asked.incrementAndGet() > 5);
      assertThat(stopped).isEmpty();
      List<Path> files = list(folder);
      assertThat(files).hasSizeBetween(2, 8);
      FileTime made = Files.getLastModifiedTime(files.getFirst());
      Files.writeString(files.getLast(), "damaged");

      Evaluation whole =
          new Evaluator(plan)
              .run(workers, kept, Evaluator.Progress.NONE, () -> false)
              .orElseThrow();
      assertThat(whole.samples()).isEqualTo(calm.samples());
      assertThat(Files.getLastModifiedTime(files.getFirst())).isEqualTo(made);
      assertThat(list(folder)).hasSize(3 * 2 * all().size());
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void tellsWhatBecameOfEachImage() {
    Evaluation found =
        Fixtures.run(
            Fixtures.plan(
                20,
                Optional.of(Fixtures.defense(x -> x)),
                List.of(Pgd.standard()),
                EnumSet.of(Threat.OBLIVIOUS),
                false));
    assertThat(found.samples()).hasSize(2 * 2 * 20);
    for (Result result : found.results()) {
      List<Result.ClassFigure> classes = result.classes();
      assertThat(classes.stream().mapToLong(Result.ClassFigure::images).sum())
          .isEqualTo(result.n());
      assertThat(classes.stream().mapToDouble(each -> each.value() * each.images()).sum())
          .isCloseTo(result.value() * result.n(), within(1e-6));
      List<SampleOutcome> mine =
          found.samples().stream()
              .filter(s -> java.util.Objects.equals(s.defense(), result.defense()))
              .filter(s -> (s.attack() == null) == (result.attack() == null))
              .toList();
      assertThat(mine).extracting(SampleOutcome::index).doesNotHaveDuplicates().hasSize(20);
      assertThat(mine.stream().filter(SampleOutcome::right).count() / 20.0)
          .isEqualTo(result.value());
      assertThat(mine).allMatch(s -> s.right() == Objects.equals(s.predicted(), s.label()));
      assertThat(mine).allMatch(s -> (s.attack() == null) == (s.change() == 0));
      assertThat(mine).allMatch(s -> s.change() <= .031 + 1e-6);
    }
  }

  /** Of a surrogate that is the target itself, a black-box attacker is an oblivious one. */
  @Test
  void aBlackBoxAttackerSeesTheSurrogateAlone() {
    Set<Threat> threats = EnumSet.of(Threat.OBLIVIOUS, Threat.BLACK_BOX);
    List<Result> results =
        Fixtures.run(
                Fixtures.plan(
                    20,
                    Optional.of(Fixtures.defense(x -> Ops.scale(x, .5))),
                    List.of(Pgd.standard()),
                    threats,
                    false))
            .results();
    for (boolean defended : new boolean[] {false, true}) {
      Result blackBox = find(results, defended, "pgd", Threat.BLACK_BOX);
      assertThat(blackBox.value())
          .isEqualTo(find(results, defended, "pgd", Threat.OBLIVIOUS).value());
      assertThat(java.util.Objects.requireNonNull(blackBox.attack()).parameters())
          .containsEntry("surrogate", "channel-net");
    }
  }

  @Test
  void withoutADefenseOnlyTheTargetIsScored() {
    List<Result> results =
        Fixtures.run(
                Fixtures.plan(
                    20,
                    Optional.empty(),
                    List.of(Pgd.standard()),
                    EnumSet.of(Threat.ADAPTIVE),
                    false))
            .results();
    assertThat(results).extracting(Result::defense).containsOnlyNulls();
    assertThat(results).extracting(Result::threat).containsExactly(null, Threat.ADAPTIVE);
  }

  @Test
  void figuresDoNotDependOnTheWorkers() {
    Evaluation[] runs = new Evaluation[2];
    for (int workers = 1; workers <= 2; workers++) {
      runs[workers - 1] =
          Fixtures.run(
              Fixtures.plan(70, Optional.of(Fixtures.defense(x -> x.mul(x))), all(), BOTH, false),
              workers);
    }
    assertThat(runs[1].results())
        .extracting(Result::value)
        .isEqualTo(runs[0].results().stream().map(Result::value).toList());
    assertThat(runs[1].features()).hasSameSizeAs(runs[0].features());
    for (int i = 0; i < runs[0].features().size(); i++) {
      assertThat(runs[1].features().get(i).label()).isEqualTo(runs[0].features().get(i).label());
    }
    assertThat(runs[1].examples())
        .extracting(Example::index)
        .isEqualTo(runs[0].examples().stream().map(Example::index).toList());
  }

  @Test
  void showsTheFirstImageOfEachClassAndThenTheFirstOnes() {
    Evaluation found =
        Fixtures.run(
            Fixtures.plan(
                40, Optional.of(Fixtures.defense(x -> x)), List.of(Pgd.standard()), BOTH, false));
    assertThat(found.examples()).extracting(Example::index).hasSize(16).startsWith(0, 1, 2, 3);
    Set<ImageState> states = new HashSet<>();
    found
        .examples()
        .forEach(
            example -> {
              states.addAll(example.views().keySet());
              Example.View attacked = example.view(ImageState.ATTACKED).orElseThrow();
              Example.View clean = example.view(ImageState.CLEAN).orElseThrow();
              assertThat(attacked.image().rgb()).isNotEqualTo(clean.image().rgb());
              assertThat(attacked.score()).isBetween(1 / 3.0, 1.0);
            });
    assertThat(states).containsExactlyInAnyOrder(ImageState.values());
    assertThat(found.features()).hasSize(4 * 40);
    assertThat(found.shown().orElseThrow().threat()).isEqualTo(Threat.OBLIVIOUS);
  }

  @Test
  void stopsWhenAsked() {
    AtomicInteger asked = new AtomicInteger();
    try (Workers workers = new Workers(1, 1)) {
      Optional<Evaluation> found =
          new Evaluator(Fixtures.plan(40, Optional.empty(), all(), BOTH, false))
              .run(
                  workers,
                  AttackedImages.NONE,
                  Evaluator.Progress.NONE,
                  () -> asked.incrementAndGet() > 3);
      assertThat(found).isEmpty();
    }
  }

  @Test
  void tellsHowFarItIs() {
    List<Long> told = new ArrayList<>();
    try (Workers workers = new Workers(2, 1)) {
      new Evaluator(
              Fixtures.plan(
                  40, Optional.of(Fixtures.defense(x -> x)), List.of(Pgd.standard()), BOTH, false))
          .run(
              workers,
              AttackedImages.NONE,
              (done, total) -> {
                assertThat(total).isEqualTo(3 * 4);
                told.add(done);
              },
              () -> false);
    }
    assertThat(told).isSorted().endsWith(12L);
  }

  @Test
  void repeatedEvaluationsLeaveNoMemoryBehind() {
    EvaluationPlan plan =
        Fixtures.plan(200, Optional.of(Fixtures.defense(x -> x.mul(x))), all(), BOTH, false);
    Fixtures.run(plan);
    long before = Pointer.physicalBytes();
    for (int i = 0; i < 5; i++) {
      Fixtures.run(plan);
    }
    assertThat(Pointer.physicalBytes() - before).isLessThan(64L << 20);
  }
}

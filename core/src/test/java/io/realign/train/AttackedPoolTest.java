package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.AlignmentLoss;
import io.realign.data.Annotation;
import io.realign.data.Box;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.data.Sample;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.task.Classification;
import io.realign.task.Finding;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class AttackedPoolTest {

  private static final double EPSILON = .031;

  private final DefenseConfig config = TinyRun.config(100, 2);
  private final Target target = TinyRun.target();
  private final AlignmentLoss loss =
      new AlignmentLoss(
          new Classification(), target, config.loss(), config.weights(), true, Optional.empty());

  private AttackedPool pool(Workers workers) {
    return new AttackedPool(
        config,
        target,
        new Classification(),
        loss,
        new Loader(TinyRun.inputs().train(), Loader.Options.training(config.batch()), Seed.of(3)),
        workers,
        Compute.CPU);
  }

  /** An image by its values. */
  private static List<String> names(Tensor images) {
    float[] values = Ops.toFloats(images);
    int size = values.length / (int) images.size(0);
    List<String> names = new ArrayList<>();
    for (int at = 0; at < values.length; at += size) {
      names.add(Arrays.toString(Arrays.copyOfRange(values, at, at + size)));
    }
    return names;
  }

  @Test
  void keepsImageAttackLabelAndFeaturesTogether() {
    try (Workers workers = new Workers(1, 1);
        AttackedPool pool = pool(workers);
        Scope scope = Scope.open()) {
      long right = 0;
      long all = 0;
      for (long step : new long[] {0, 3, 5, 9}) {
        for (AttackedPool.Pair pair : pool.at(step)) {
          double change = pair.attacked().sub(pair.clean()).abs().max().item_double();
          assertThat(change).isBetween(EPSILON / 10, EPSILON + 1e-6);
          Tensor logits = target.forward(pair.clean()).logits();
          assertThat(Ops.toFloats(pair.cleanFeatures().orElseThrow()))
              .usingComparatorWithPrecision(1e-4f)
              .containsExactly(Ops.toFloats(logits));
          long[] told = Ops.toLongs(logits.argmax(new LongOptional(1), false).eq(pair.labels()));
          right += Arrays.stream(told).sum();
          all += told.length;
        }
      }
      // by chance one in three; some crops hide what the target looks at
      assertThat((double) right / all).isGreaterThan(.8);
    }
  }

  @Test
  void usesEachImageAsOftenAsConfiguredInAnotherOrderEachTime() {
    try (Workers workers = new Workers(1, 1);
        AttackedPool pool = pool(workers);
        Scope scope = Scope.open()) {
      int steps = config.replay().steps();
      int times = config.replay().times();
      Map<String, Integer> uses = new HashMap<>();
      List<List<String>> passes = new ArrayList<>();
      for (int pass = 0; pass < times; pass++) {
        List<String> order = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
          for (AttackedPool.Pair pair : pool.at((long) pass * steps + step)) {
            order.addAll(names(pair.attacked()));
          }
        }
        order.forEach(name -> uses.merge(name, 1, Integer::sum));
        passes.add(order);
      }
      assertThat(uses).hasSize(steps * config.imagesPerStep());
      assertThat(uses.values()).containsOnly(times);
      assertThat(passes.get(1)).isNotEqualTo(passes.get(0)).hasSameElementsAs(passes.get(0));
      assertThat(names(pool.at((long) steps * times).getFirst().attacked()))
          .as("the next pool")
          .noneMatch(uses::containsKey);
    }
  }

  @Test
  void doesNotDependOnWhereAReaderBegins() {
    try (Workers workers = new Workers(1, 1);
        AttackedPool first = pool(workers);
        AttackedPool second = pool(workers);
        Scope scope = Scope.open()) {
      first.at(0);
      first.at(7);
      float[] after = Ops.toFloats(first.at(10).getFirst().attacked());
      assertThat(Ops.toFloats(second.at(10).getFirst().attacked())).containsExactly(after);
    }
  }

  /** Image i is of the grey value i and has 3·i objects. */
  private record Crowds(int size) implements Dataset {
    private static final int SIDE = 64;

    @Override
    public String name() {
      return "crowds";
    }

    @Override
    public List<String> classes() {
      return List.of("one", "other");
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Sample get(int index) {
      byte[] rgb = new byte[3 * SIDE * SIDE];
      Arrays.fill(rgb, (byte) index);
      List<Box> boxes =
          IntStream.range(0, 3 * index)
              .mapToObj(i -> new Box(i % 2, i % 50, i % 40, i % 50 + 9, i % 40 + 8))
              .toList();
      return new Sample(new Pixels(SIDE, SIDE, rgb), new Annotation(0, new byte[0], boxes));
    }
  }

  @Test
  void givesEachImageAllOfItsBoxesHoweverManyOthersHave() {
    Target detector = Targets.trainable("ssd-compact-64", 2, Seed.of(7), Compute.CPU).freeze();
    DefenseConfig boxes =
        config.withAttacks(List.of(new TrainingAttack("cls+loc", .03, .03, 1, 1)));
    AlignmentLoss compared =
        new AlignmentLoss(
            detector.task(), detector, boxes.loss(), boxes.weights(), false, Optional.empty());
    Loader loader =
        new Loader(new Crowds(64), Loader.Options.evaluation(boxes.batch()), Seed.of(3));
    try (Workers workers = new Workers(1, 1);
        AttackedPool pool =
            new AttackedPool(
                boxes, detector, detector.task(), compared, loader, workers, Compute.CPU);
        Scope scope = Scope.open()) {
      int seen = 0;
      for (int step = 0; step < boxes.replay().steps(); step++) { // 64 images, 64 to a pool
        for (AttackedPool.Pair pair : pool.at(step)) {
          float[] values = Ops.toFloats(pair.clean().select(3, 0).select(2, 0).select(1, 0));
          List<Finding> truth = detector.task().findings(pair.labels());
          for (int i = 0; i < values.length; i++) {
            int index = Math.round(255 * values[i]);
            assertThat(((Finding.Objects) truth.get(i)).boxes()).hasSize(3 * index);
            seen++;
          }
        }
      }
      assertThat(seen).isEqualTo(boxes.replay().steps() * boxes.imagesPerStep()).isEqualTo(64);
    }
  }
}

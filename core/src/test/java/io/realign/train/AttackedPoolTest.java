package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.AlignmentLoss;
import io.realign.data.Loader;
import io.realign.target.Target;
import io.realign.task.Classification;
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
}

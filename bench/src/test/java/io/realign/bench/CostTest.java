package io.realign.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.align.GlobalGenerator;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import io.realign.torch.MultiplyAdds;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Multiply-adds against published figures and against sums by hand. */
final class CostTest {

  private static final Seed SEED = Seed.of(1);

  @Test
  void wideNetIsAsPublished() { // Zagoruyko and Komodakis: 5.25 billion
    TrainableTarget net = Targets.trainable("wrn-28-10", 10, SEED, Compute.CPU);
    assertThat(forward(net::forward) * 1e-9).isCloseTo(5.25, within(.01));
  }

  @Test
  void residualNetIsAsPublished() { // He et al.: 41 million
    TrainableTarget net = Targets.trainable("cifar-resnet20", 10, SEED, Compute.CPU);
    assertThat(forward(net::forward) * 1e-6).isCloseTo(41, within(.5));
  }

  @Test
  void publishedGeneratorIsAsStated() {
    GlobalGenerator generator = GlobalGenerator.Config.published(32).create(SEED, Compute.CPU);
    assertThat(forward(generator::forward) * 1e-9).isCloseTo(.774, within(.001));
  }

  @Test
  void trainingCostsThreeForwardPassesLessTheGradientByTheImages() {
    TrainableTarget net = Targets.trainable("wrn-10-1", 10, SEED, Compute.CPU);
    Target target = net.freeze();
    WideNet.Cost cost = WideNet.Cost.of(net, target, SEED);
    long first = 32 * 32 * 9 * 3 * 16;
    assertThat(cost.training()).isEqualTo(3 * cost.forward() - first);
    assertThat(cost.attack()).isEqualTo(2 * cost.forward());
  }

  @Test
  void aDefenseStepIsItsParts() {
    DefenseSetup setup =
        DefenseSetup.of(
            Plan.quick(),
            new DefenseSetup.Files(
                Optional.empty(), Trust.DATA_ONLY, Optional.empty(), Optional.empty()),
            Compute.CPU,
            1);
    StepCost cost = StepCost.of(setup);
    // of a batch of 4, three images by KL: a clean forward pass, then 4 steps; one by CE: 8 steps;
    // z_c for all; each image used 6 times
    double target = forward(x -> setup.inputs().target().forward(x));
    assertThat(cost.attack())
        .isCloseTo((.75 * (1 + 4 * 2) + .25 * 8 * 2 + 1) * target / 6, within(1e-6 * target));
    assertThat(cost.backward()).isGreaterThan(cost.forward());
  }

  @Test
  void anOuterCountGoesOnAfterAnInnerOne() {
    try (Scope scope = Scope.open();
        MultiplyAdds outer = MultiplyAdds.open()) {
      Tensor x = SEED.uniform(0, 1, 2, 3);
      Tensor weight = SEED.uniform(0, 1, 5, 3);
      Tensor bias = SEED.uniform(0, 1, 5);
      Ops.linear(x, weight, bias);
      try (MultiplyAdds inner = MultiplyAdds.open()) {
        Ops.linear(x, weight, bias);
        assertThat(inner.forward()).isEqualTo(30);
      }
      Ops.linear(x, weight, bias);
      assertThat(outer.forward()).isEqualTo(60);
    }
  }

  private static double forward(Consumer<Tensor> net) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard();
        MultiplyAdds count = MultiplyAdds.open()) {
      net.accept(SEED.uniform(0, 1, 1, 3, 32, 32));
      assertThat(count.byInputs() + count.byWeights()).isZero();
      return count.forward();
    }
  }
}

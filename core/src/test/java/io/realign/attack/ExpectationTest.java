package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.target.ForwardingTarget;
import io.realign.target.Target;
import io.realign.target.TinyTarget;
import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A randomised target is asked as often at each point as the user says, by every attack that can.
 */
@ExtendWith(OneCore.class)
class ExpectationTest {

  private static final int SIZE = 8;
  private static final int STEPS = 3;
  private static final int DRAWS = 5;

  private final TinyTarget plain = new TinyTarget(4, SIZE, Seed.of(3));
  private final Tensor images = Seed.of(1).uniform(0, 1, 4, 3, SIZE, SIZE);
  private final Tensor labels = plain.predictions(images);
  private final AtomicLong asked = new AtomicLong();

  static Stream<String> attacks() {
    return Attacks.names().stream()
        .filter(
            name -> {
              Attack attack = Attacks.named(name, settings(1));
              return attack.parameters().containsKey("draws") && attack.suits(new Classification());
            });
  }

  /** Those that do not make every target random themselves. */
  static Stream<String> attacksWithoutChoices() {
    return attacks().filter(name -> !Set.of("di-fgsm", "ti-fgsm").contains(name));
  }

  private static AttackSettings settings(int draws) {
    return new AttackSettings(
        Optional.empty(),
        OptionalDouble.of(1e-6), // nothing is fooled within: all attacks go to their end
        OptionalDouble.empty(),
        OptionalInt.of(STEPS),
        OptionalInt.empty(),
        OptionalInt.of(draws));
  }

  private long questions(Attack attack, Target target) {
    asked.set(0);
    try (Scope scope = Scope.open()) {
      attack.perturb(target, images, labels, Seed.of(2));
    }
    return asked.get();
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void asksARandomisedTargetOften(String name) {
    Target noisy = new Counted(plain, true, Optional.empty());
    long once = questions(Attacks.named(name, settings(1)), noisy);
    long often = questions(Attacks.named(name, settings(DRAWS)), noisy);
    // pgd-kl asks about the clean images once
    assertThat(often).isBetween(DRAWS * (once - 1), DRAWS * once);
  }

  @ParameterizedTest
  @MethodSource("attacksWithoutChoices")
  void asksAnotherTargetOnce(String name) {
    Target certain = new Counted(plain, false, Optional.empty());
    assertThat(questions(Attacks.named(name, settings(DRAWS)), certain))
        .isEqualTo(questions(Attacks.named(name, settings(1)), certain));
  }

  /** Counts questions; with random choices, it adds noise too small to change an answer. */
  private final class Counted implements ForwardingTarget {
    private final Target target;
    private final boolean random;
    private final Optional<Seed> noise;

    Counted(Target target, boolean random, Optional<Seed> noise) {
      this.target = target;
      this.random = random;
      this.noise = noise;
    }

    @Override
    public Target target() {
      return target;
    }

    @Override
    public boolean randomised() {
      return random;
    }

    @Override
    public Target drawn(Seed draws) {
      return random ? new Counted(target, true, Optional.of(draws)) : this;
    }

    @Override
    public Outputs forward(Tensor images) {
      asked.incrementAndGet();
      return target.forward(
          noise.map(seed -> images.add(seed.normal(1e-6, Ops.shape(images)))).orElse(images));
    }
  }
}

package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.target.ReducedPrecision;
import io.realign.target.Target;
import io.realign.target.TinyTarget;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users rely on of every attack, in each norm, with and without restarts. */
@ExtendWith(OneCore.class)
class AttackPropertiesTest {

  private static final int SIZE = 12;

  /** Draws a start or a direction, whatever happens. */
  private static final Set<String> RANDOM = Set.of("pgd", "pgd-kl", "margin", "square");

  /** Draws nothing. */
  private static final Set<String> DRAWLESS =
      Set.of("bim", "fgsm", "mi-fgsm", "deepfool", "cw-l2", "cw-l2-clip", "cw-linf");

  /** May find nothing with so few steps, and then gives the image back. */
  private static final Set<String> MAY_FAIL =
      Set.of("square", "hopskipjump", "fab", "fab-t", "cw-l2", "cw-l2-clip", "cw-linf");

  private final TinyTarget target = new TinyTarget(5, SIZE, Seed.of(3));
  private final Tensor images = Seed.of(1).uniform(0, 1, 8, 3, SIZE, SIZE);
  private final Tensor labels = target.predictions(images);

  record Case(Attack attack) {
    @Override
    public String toString() {
      return attack.name() + " " + attack.parameters();
    }
  }

  static Stream<Case> attacks() {
    List<Case> cases = new ArrayList<>();
    for (String name : Attacks.names()) {
      int steps = name.equals("square") ? 60 : 4; // whose squares are small after few of few
      for (Norm norm : Norm.values()) {
        for (int restarts = 1; restarts <= 2; restarts++) {
          if (norm == Norm.LINF || !name.startsWith("cw-l")) {
            cases.add(new Case(Attacks.named(name, settings(name, norm, steps, restarts))));
          }
        }
      }
    }
    return cases.stream().filter(each -> each.attack().suits(new Classification())).distinct();
  }

  private static AttackSettings settings(String name, Norm norm, int steps, int restarts) {
    return new AttackSettings(
        name.startsWith("cw-l") ? Optional.empty() : Optional.of(norm), // of one norm each
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.of(steps),
        OptionalInt.of(restarts),
        OptionalInt.empty());
  }

  private static int right(TinyTarget target, Tensor images, Tensor labels) {
    return target.predictions(images).eq(labels).sum().item_int();
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void staysInsideTheBallAndTheImageRange(Case each) {
    Attack attack = each.attack();
    Tensor edges = images.sub(Ops.floats(new float[] {.5f}, 1)).sign().clamp_min(zero());
    for (Tensor clean : List.of(images, edges)) { // edges: every value 0 or 1
      Tensor attacked = attack.perturb(target, clean, labels, Seed.of(5));
      new Ball(attack.norm(), attack.epsilon()).verify(attack.name(), attacked, clean);
      assertThat(Ops.shape(attacked)).isEqualTo(Ops.shape(clean));
      if (clean == images && !MAY_FAIL.contains(attack.name())) {
        assertThat(Ops.toFloats(attacked)).isNotEqualTo(Ops.toFloats(clean));
      }
      assertThat(attacked.requires_grad()).isFalse();
    }
  }

  private static org.bytedeco.pytorch.Scalar zero() {
    return new org.bytedeco.pytorch.Scalar(0.0);
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void isAFunctionOfItsSeed(Case each) {
    float[] first = attacked(each, Seed.of(5));
    assertThat(attacked(each, Seed.of(5))).isEqualTo(first);
    if (RANDOM.contains(each.attack().name())) {
      assertThat(attacked(each, Seed.of(6))).isNotEqualTo(first);
    } else if (DRAWLESS.contains(each.attack().name())) {
      assertThat(attacked(each, Seed.of(6))).isEqualTo(first);
    }
  }

  private float[] attacked(Case each, Seed seed) {
    return Ops.toFloats(each.attack().perturb(target, images, labels, seed));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void hurtsTheDefender(Case each) {
    Tensor attacked = each.attack().perturb(target, images, labels, Seed.of(5));
    assertThat(right(target, images, labels)).isEqualTo(8);
    if (MAY_FAIL.contains(each.attack().name())) {
      return; // never better for the defender than clean: all were right
    }
    assertThat(right(target, attacked, labels)).isLessThan(8);
    double before = Ops.crossEntropy(target.forward(images).logits(), labels).item_double();
    double after = Ops.crossEntropy(target.forward(attacked).logits(), labels).item_double();
    assertThat(after).isGreaterThan(before);
  }

  /**
   * Ended early, it leaves no more right, nothing that was wrong is touched, the rest is the same.
   */
  @ParameterizedTest
  @MethodSource("attacks")
  void mayEndWithTheFirstPointThatFools(Case each) {
    Attack attack = each.attack();
    Tensor truth = labels.clone();
    truth.narrow(0, 0, 1).copy_(truth.narrow(0, 0, 1).add(one()).remainder(five())); // wrong now
    Tensor whole = attack.perturb(target, images, truth, Seed.of(5));
    Tensor ended = attack.fool(target, images, truth, Seed.of(5));
    new Ball(attack.norm(), attack.epsilon()).verify(attack.name(), ended, images);
    long[] rightAfterWhole = Ops.toLongs(target.predictions(whole).eq(truth));
    long[] rightAfterEnded = Ops.toLongs(target.predictions(ended).eq(truth));
    for (int i = 0; i < rightAfterEnded.length; i++) {
      assertThat(rightAfterEnded[i]).isLessThanOrEqualTo(rightAfterWhole[i]);
      if (rightAfterEnded[i] == 1 && Set.of("bim", "pgd", "mi-fgsm").contains(attack.name())) {
        assertThat(Ops.toFloats(ended.narrow(0, i, 1)))
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(Ops.toFloats(whole.narrow(0, i, 1)));
      }
    }
    boolean asksAnother = Set.of("di-fgsm", "ti-fgsm").contains(attack.name()); // a resized one
    if (attack instanceof Iterated && !asksAnother) {
      assertThat(Ops.toFloats(ended.narrow(0, 0, 1)))
          .isEqualTo(Ops.toFloats(images.narrow(0, 0, 1)));
    }
  }

  private static org.bytedeco.pytorch.Scalar one() {
    return new org.bytedeco.pytorch.Scalar(1);
  }

  private static org.bytedeco.pytorch.Scalar five() {
    return new org.bytedeco.pytorch.Scalar(5);
  }

  /** Led to a class, whichever it is: those of that class are left alone. */
  @ParameterizedTest
  @MethodSource("attacks")
  void canBeLedToAClass(Case each) {
    for (Goal goal : List.of(new Goal.Label(2), new Goal.LeastLikely())) {
      Attack attack = goal.of(each.attack());
      Tensor attacked = attack.perturb(target, images, labels, Seed.of(5));
      new Ball(attack.norm(), attack.epsilon()).verify(attack.name(), attacked, images);
      Tensor wanted = goal.wanted(target.forward(images).logits().detach(), labels);
      int reached = target.predictions(attacked).eq(wanted).sum().item_int();
      int before = target.predictions(images).eq(wanted).sum().item_int();
      assertThat(reached).isGreaterThanOrEqualTo(before);
      for (int i = 0; i < 8; i++) {
        if (Ops.toLongs(labels)[i] == Ops.toLongs(wanted)[i]) {
          assertThat(Ops.toFloats(attacked.narrow(0, i, 1)))
              .isEqualTo(Ops.toFloats(images.narrow(0, i, 1)));
        }
      }
      assertThat(attack.parameters()).containsEntry("goal", goal.word());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pgd", "margin", "apgd-ce", "apgd-dlr", "deepfool", "fab", "cw-l2", "square"})
  void reachesTheClassItIsLedTo(String name) {
    Attack strong =
        Attacks.named(
            name,
            new AttackSettings(
                Optional.empty(),
                OptionalDouble.of(name.equals("cw-l2") ? 20 : .6),
                OptionalDouble.empty(),
                name.equals("square") ? OptionalInt.of(500) : OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty()));
    Goal goal = new Goal.Label(2);
    Tensor attacked = goal.of(strong).perturb(target, images, labels, Seed.of(5));
    long reached =
        java.util.Arrays.stream(Ops.toLongs(target.predictions(attacked)))
            .filter(said -> said == 2)
            .count();
    assertThat(reached).isGreaterThanOrEqualTo(7);
  }

  /** As in fp32, but for few images: what the attack saw was rounded. */
  @ParameterizedTest
  @MethodSource("attacks")
  void worksOnATargetInBfloat16(Case each) {
    Compute half = new Compute(Compute.Kind.CPU, Compute.Precision.BF16);
    Target reduced = ReducedPrecision.of(target, half);
    Attack attack = each.attack();
    Tensor attacked = attack.perturb(reduced, images, labels, Seed.of(5));
    new Ball(attack.norm(), attack.epsilon()).verify(attack.name(), attacked, images);
    assertThat(attacked.scalar_type().intern()).isEqualTo(torch.ScalarType.Float);
    if (!MAY_FAIL.contains(attack.name())) {
      Tensor plain = attack.perturb(target, images, labels, Seed.of(5));
      assertThat(right(target, attacked, labels))
          .isLessThanOrEqualTo(right(target, plain, labels) + 2);
    }
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void takesABatchOfOneAndAnImageThatIsWrongAlready(Case each) {
    Tensor one = images.narrow(0, 0, 1);
    Tensor wrong = Ops.longs(new long[] {(Ops.toLongs(labels)[0] + 1) % 5}, 1);
    for (Tensor truth : List.of(labels.narrow(0, 0, 1), wrong)) {
      Tensor attacked = each.attack().perturb(target, one, truth, Seed.of(5));
      new Ball(each.attack().norm(), each.attack().epsilon()).verify("", attacked, one);
      assertThat(right(target, attacked, truth)).isLessThanOrEqualTo(right(target, one, truth));
    }
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void takesTwoClasses(Case each) {
    TinyTarget binary = new TinyTarget(2, SIZE, Seed.of(4));
    Tensor truth = binary.predictions(images);
    Tensor attacked = each.attack().perturb(binary, images, truth, Seed.of(5));
    assertThat(right(binary, attacked, truth)).isLessThanOrEqualTo(8);
    new Ball(each.attack().norm(), each.attack().epsilon()).verify("", attacked, images);
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void leavesTheTargetAndItsArgumentsAlone(Case each) {
    Map<String, float[]> weights = values(target);
    target.params().trained().forEach(w -> w.mutable_grad().put(torch.ones_like(w)));
    float[] clean = Ops.toFloats(images);
    long[] truth = Ops.toLongs(labels);

    each.attack().perturb(target, images, labels, Seed.of(5));

    values(target).forEach((name, now) -> assertThat(now).isEqualTo(weights.get(name)));
    for (Tensor weight : target.params().trained()) {
      assertThat(weight.requires_grad()).isTrue();
      assertThat(Ops.toFloats(weight.grad())).containsOnly(1f);
    }
    assertThat(images.requires_grad()).isFalse();
    assertThat(images.grad().defined()).isFalse();
    assertThat(Ops.toFloats(images)).isEqualTo(clean);
    assertThat(Ops.toLongs(labels)).isEqualTo(truth);
  }

  private static Map<String, float[]> values(TinyTarget target) {
    Map<String, float[]> values = new java.util.HashMap<>();
    target
        .params()
        .dict()
        .entries()
        .forEach(e -> values.put(e.getKey(), Ops.toFloats(e.getValue())));
    return values;
  }

  static Stream<Case> onceEach() {
    return attacks()
        .filter(each -> !Integer.valueOf(2).equals(each.attack().parameters().get("restarts")))
        .filter(each -> !each.attack().name().startsWith("autoattack")) // made of the others
        .filter(each -> !(each.attack() instanceof HopSkipJump)) // thousands of questions
        .filter(each -> each.attack().norm() == Norm.LINF || each.attack() instanceof Pgd);
  }

  /** One tensor of the batch that leaks in each step would be 50 MB. */
  @ParameterizedTest
  @MethodSource("onceEach")
  void keepsMemoryFlat(Case each) {
    Attack some = each.attack();
    Attack attack = Attacks.named(some.name(), settings(some.name(), some.norm(), 20, 1));
    int calls = some instanceof Fgsm ? 200 : 10; // 200 steps
    TinyTarget large = new TinyTarget(5, 32, Seed.of(3));
    Tensor batch = Seed.of(1).uniform(0, 1, 20, 3, 32, 32);
    Tensor truth = large.predictions(batch);
    long before = 0;
    for (int call = -3; call < calls; call++) {
      if (call == 0) {
        before = Pointer.physicalBytes();
      }
      try (Scope scope = Scope.open()) {
        attack.perturb(large, batch, truth, Seed.of(call));
      }
    }
    assertThat(Pointer.physicalBytes() - before).isLessThan(24 << 20);
  }
}

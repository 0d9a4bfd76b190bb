package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.task.Segmentation;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users rely on of every attack on masks and boxes. */
@ExtendWith(OneCore.class)
class DenseAttackPropertiesTest {

  private static final int CLASSES = 4;
  private static final int IMAGES = 2;

  /** One row a box: class, edges, whether it is difficult; −1 for none. */
  private static final float[] BOXES = {
    0, .1f, .1f, .6f, .7f, 0, 2, .5f, .3f, .9f, .8f, 0, //
    3, .0f, .4f, .5f, 1f, 1, -1, 0, 0, 0, 0, 0,
  };

  record Case(Attack attack, String architecture) {
    @Override
    public String toString() {
      return attack.name() + " " + attack.norm() + " " + architecture;
    }
  }

  static Stream<Case> attacks() {
    List<Case> cases = new ArrayList<>();
    for (String architecture : List.of("deeplabv3-compact", "ssd-compact-64")) {
      Target target = target(architecture);
      for (String name : Attacks.names()) {
        for (Norm norm : Norm.values()) {
          if (norm == Norm.LINF || !name.startsWith("cw-l")) {
            Attack attack = Attacks.named(name, settings(name, norm));
            if (attack.suits(target.task())) {
              cases.add(new Case(attack, architecture));
            }
          }
        }
      }
    }
    return cases.stream();
  }

  private static AttackSettings settings(String name, Norm norm) {
    return new AttackSettings(
        name.startsWith("cw-l") ? Optional.empty() : Optional.of(norm),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.of(name.equals("dag") ? 40 : 4), // whose steps are short
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  private static Target target(String architecture) {
    return Targets.trainable(architecture, CLASSES, Seed.of(7), Compute.CPU).freeze();
  }

  private static Tensor images(Target target) {
    int side = target.task() instanceof Segmentation ? 24 : target.imageSize();
    return Seed.of(1).uniform(0, 1, IMAGES, 3, side, side);
  }

  /** The net's own answers, of which a strip is unknown; or some boxes. */
  private static Tensor labels(Target target, Tensor images) {
    if (!(target.task() instanceof Segmentation)) {
      return Ops.floats(BOXES, IMAGES, 2, 6);
    }
    Tensor own = target.task().predictions(target.forward(images)).clone();
    own.narrow(2, 0, 5).fill_(new org.bytedeco.pytorch.Scalar(Segmentation.UNKNOWN));
    return own;
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void staysInsideTheBallAndTheImageRangeAndIsAFunctionOfItsSeed(Case each) {
    try (Scope scope = Scope.open()) {
      Target target = target(each.architecture());
      Tensor images = images(target);
      Tensor labels = labels(target, images);
      Tensor attacked = each.attack().perturb(target, images, labels, Seed.of(5));
      new Ball(each.attack().norm(), each.attack().epsilon())
          .verify(each.attack().name(), attacked, images);
      assertThat(Ops.shape(attacked)).isEqualTo(Ops.shape(images));
      assertThat(attacked.requires_grad()).isFalse();
      assertThat(Ops.toFloats(attacked)).isNotEqualTo(Ops.toFloats(images));
      assertThat(Ops.toFloats(each.attack().perturb(target, images, labels, Seed.of(5))))
          .isEqualTo(Ops.toFloats(attacked));
    }
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void hurtsTheDefender(Case each) {
    try (Scope scope = Scope.open()) {
      Target target = target(each.architecture());
      Tensor images = images(target);
      Tensor labels = labels(target, images);
      Tensor attacked = each.attack().fool(target, images, labels, Seed.of(5));
      if (target.task() instanceof Segmentation) {
        assertThat(wrong(target, images, labels)).isZero();
        assertThat(wrong(target, attacked, labels)).isPositive();
      } else {
        assertThat(loss(target, attacked, labels)).isGreaterThan(loss(target, images, labels));
      }
    }
  }

  /** All but dag on boxes, which moves what is right: of a net of random weights little is. */
  static Stream<Case> attacksThatFindSomethingRight() {
    return attacks()
        .filter(
            each -> !each.attack().name().equals("dag") || !each.architecture().startsWith("ssd"));
  }

  /** A step that follows no gradient stays behind noise of the whole radius. */
  @ParameterizedTest
  @MethodSource("attacksThatFindSomethingRight")
  void doesMoreThanNoiseOfTheSameSize(Case each) {
    try (Scope scope = Scope.open()) {
      Target target = target(each.architecture());
      Tensor images = images(target);
      Tensor labels = labels(target, images);
      Attack attack = each.attack();
      Tensor attacked = attack.fool(target, images, labels, Seed.of(5));
      Ball ball = new Ball(attack.norm(), attack.epsilon());
      double most = 0;
      for (int draw = 0; draw < 4; draw++) {
        Tensor noisy = ball.sample(images, Seed.of(draw));
        most = Math.max(most, harm(target, noisy, labels));
      }
      assertThat(harm(target, attacked, labels)).isGreaterThan(1.1 * most);
    }
  }

  private static double harm(Target target, Tensor images, Tensor labels) {
    return target.task() instanceof Segmentation
        ? wrong(target, images, labels)
        : loss(target, images, labels);
  }

  private static double wrong(Target target, Tensor images, Tensor labels) {
    return target.task().wrong(target.forward(images), labels).mean().item_double();
  }

  private static double loss(Target target, Tensor images, Tensor labels) {
    return target.task().losses(target.forward(images), labels).sum().item_double();
  }

  /** An image without an object, or without a pixel that anybody knows, harms nothing. */
  @ParameterizedTest
  @MethodSource("attacks")
  void takesAnImageWithoutLabels(Case each) {
    try (Scope scope = Scope.open()) {
      Target target = target(each.architecture());
      Tensor image = images(target).narrow(0, 0, 1);
      Tensor labels = labels(target, images(target)).narrow(0, 0, 1).clone();
      labels.fill_(
          new org.bytedeco.pytorch.Scalar(
              target.task() instanceof Segmentation ? (double) Segmentation.UNKNOWN : -1));
      Tensor attacked = each.attack().perturb(target, image, labels, Seed.of(5));
      new Ball(each.attack().norm(), each.attack().epsilon())
          .verify(each.attack().name(), attacked, image);
    }
  }
}

package io.realign.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.target.Target;
import io.realign.target.TinyTarget;
import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(OneCore.class)
class AutoPgdTest {

  private static final int SIZE = 12;

  private final TinyTarget target = new TinyTarget(6, SIZE, Seed.of(3));
  private final Tensor images = Seed.of(1).uniform(0, 1, 40, 3, SIZE, SIZE);
  private final Tensor labels = target.predictions(images);

  private long right(Tensor attacked) {
    return target.predictions(attacked).eq(labels).sum().item_long();
  }

  /** At a radius at which PGD fools about half. */
  @ParameterizedTest
  @EnumSource(Norm.class)
  void foolsWhatPgdFools(Norm norm) {
    double epsilon = norm == Norm.LINF ? .004 : .06;
    long pgd =
        right(
            new Pgd(norm, epsilon, epsilon / 4, 40, 1).perturb(target, images, labels, Seed.of(5)));
    assertThat(pgd).isBetween(4L, 36L);
    for (AutoPgd.Loss loss : AutoPgd.Loss.values()) {
      AutoPgd attack = new AutoPgd(norm, epsilon, loss, 50, 1, 1);
      assertThat(right(attack.perturb(target, images, labels, Seed.of(5))))
          .as("%s", loss)
          .isLessThanOrEqualTo(pgd + 1);
    }
    AutoPgdTargeted targeted = new AutoPgdTargeted(norm, epsilon, 50, 1, 9, 1);
    assertThat(right(targeted.perturb(target, images, labels, Seed.of(5))))
        .isLessThanOrEqualTo(pgd);
    Fab fab = new Fab(norm, epsilon, 50, 1, 0, 1);
    assertThat(right(fab.perturb(target, images, labels, Seed.of(5)))).isLessThanOrEqualTo(pgd + 1);
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void theSquareAttackFoolsWithScoresAlone(Norm norm) {
    double epsilon = norm == Norm.LINF ? .02 : .3;
    Square attack = new Square(norm, epsilon, 500, 1, .8, 1, true);
    long few =
        right(
            new Square(norm, epsilon, 5, 1, .8, 1, true)
                .perturb(target, images, labels, Seed.of(5)));
    long many = right(attack.perturb(target, images, labels, Seed.of(5)));
    assertThat(many).isLessThan(few).isLessThan(30);
  }

  @Test
  void anEnsembleIsAtLeastAsStrongAsEachOfItsParts() {
    AutoAttack whole = new AutoAttack(Norm.LINF, .004, AutoAttack.Version.STANDARD);
    long left = right(whole.perturb(target, images, labels, Seed.of(5)));
    assertThat(whole.attacks())
        .extracting(Attack::name)
        .containsExactly("apgd-ce", "apgd-t", "fab-t", "square");
    for (Attack part : whole.attacks().subList(0, 3)) {
      assertThat(left)
          .as(part.name())
          .isLessThanOrEqualTo(right(part.perturb(target, images, labels, Seed.of(5))) + 1);
    }
  }

  /** Equations 6 and 7 of the paper in plain Java. */
  @Test
  void theRatioIsThePapers() {
    Tensor logits = Ops.floats(new float[] {3, 1, -1, 2, .5f, 0, 4, -2, 1, 1.5f}, 2, 5);
    Tensor truth = Ops.longs(new long[] {0, 3}, 2);
    Tensor wanted = Ops.longs(new long[] {4, 1}, 2);
    Outputs outputs = new Outputs(logits, logits);
    float[] ratio = Ops.toFloats(new DlrObjective(truth).of(outputs));
    assertThat(ratio[0]).isCloseTo(-(3 - 2f) / (3 - 1f), within(1e-6f));
    assertThat(ratio[1]).isCloseTo(-(1 - 4f) / (4 - 1f), within(1e-6f));
    float[] led = Ops.toFloats(new TargetedDlrObjective(truth, wanted).of(outputs));
    assertThat(led[0]).isCloseTo(-(3 - .5f) / (3 - .5f * (1 + .5f)), within(1e-6f));
    assertThat(led[1]).isCloseTo(-(1 - 4f) / (4 - .5f * (1 + 0f)), within(1e-6f));
  }

  /** A target whose logits are drawn: asked once its gradient is noise, asked often it is not. */
  @Test
  void takesTheMeanOverTheDrawsOfARandomisedTarget() {
    Target noisy = new NoisyTarget(target, .5, Seed.of(9));
    Objective objective = new LossObjective(new Classification(), labels);
    Tensor truth = new Oracle(target, 1, Seed.of(1)).at(images, objective, 0).gradient();
    double once =
        cosine(new Oracle(noisy, 1, Seed.of(1)).at(images, objective, 0).gradient(), truth);
    double often =
        cosine(new Oracle(noisy, 64, Seed.of(1)).at(images, objective, 0).gradient(), truth);
    assertThat(often).isGreaterThan(once + .05).isGreaterThan(.8);
  }

  private static double cosine(Tensor a, Tensor b) {
    double ab = a.mul(b).sum().item_double();
    return ab / Math.sqrt(a.mul(a).sum().item_double() * b.mul(b).sum().item_double());
  }

  /** Adds noise to the images. */
  private record NoisyTarget(Target target, double deviation, Seed seed) implements Target {
    @Override
    public String name() {
      return "noisy";
    }

    @Override
    public int classes() {
      return target.classes();
    }

    @Override
    public int imageSize() {
      return target.imageSize();
    }

    @Override
    public boolean randomised() {
      return true;
    }

    @Override
    public Target drawn(Seed draws) {
      return new NoisyTarget(target, deviation, draws);
    }

    @Override
    public Outputs forward(Tensor images) {
      return target.forward(images.add(seed.normal(deviation, Ops.shape(images))));
    }
  }
}

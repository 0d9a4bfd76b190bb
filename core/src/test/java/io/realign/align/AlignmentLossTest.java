package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.realign.align.AlignmentLoss.Look;
import io.realign.align.AlignmentLoss.Repaired;
import io.realign.align.AlignmentLoss.Terms;
import io.realign.target.TinyTarget;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(OneCore.class)
class AlignmentLossTest {

  private final TinyTarget target = new TinyTarget(4, 8, Seed.of(1));
  private final Discriminator discriminator =
      new Discriminator.Config(4, 1, 2, 4).create(Seed.of(2), Compute.CPU);
  private final Tensor clean = Seed.of(3).uniform(0, 1, 6, 3, 8, 8);
  private final Tensor attacked = Seed.of(4).uniform(0, 1, 6, 3, 8, 8);
  private final Tensor labels = Ops.longs(new long[] {0, 1, 1, 3, 3, 0}, 6);
  private final Generator generator =
      new GlobalGenerator.Config(2, 1, 1).create(Seed.of(5), Compute.CPU);

  AlignmentLossTest() {
    target.params().freeze();
  }

  private AlignmentLoss loss(LossPreset preset, LossWeights weights) {
    return new AlignmentLoss(
        new Classification(),
        target,
        preset,
        weights,
        true,
        preset
            .pixels()
            .map(
                scheme ->
                    new PerceptualLoss(
                        scheme, x -> List.of(Ops.scale(x, 2)), List.of(1.0), 1, true)));
  }

  private Repaired repaired() {
    return Repaired.by(generator, clean, Optional.empty(), attacked, labels);
  }

  @ParameterizedTest
  @CsvSource({
    "full, reconstruction perceptual adversarial matching task feature_reconstruction centre_alignment inter_class intra_class",
    "LI, reconstruction perceptual adversarial matching",
    "LF, task feature_reconstruction",
    "LI+F, reconstruction perceptual adversarial matching task feature_reconstruction",
    "LT, reconstruction perceptual adversarial matching",
    "LT+F, reconstruction perceptual adversarial matching task feature_reconstruction"
  })
  void eachPresetHasItsTerms(String name, String terms) {
    AlignmentLoss loss = loss(LossPreset.named(name), LossWeights.published());
    Repaired batch = repaired();
    Terms found = loss.generator(batch, loss.look(batch, discriminator));
    assertThat(String.join(" ", found.byName().keySet())).isEqualTo(terms);
    double sum = found.byName().values().stream().mapToDouble(Tensor::item_double).sum();
    assertThat(found.total().item_double()).isCloseTo(sum, within(1e-4));
  }

  @Test
  void theWeightsArePublished() {
    assertThat(LossWeights.published())
        .isEqualTo(new LossWeights(50, 10, 1, 10, 2, 4, .1, .005, 1, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LossWeights(50, -10, 1, 10, 2, 4, .1, .005, 1, 5))
        .withMessageContaining("-10");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LossWeights(50, 10, 1, 10, 2, Double.NaN, .1, .005, 1, 5))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LossPreset.named("LX"))
        .withMessage("unknown loss 'LX': one of full, LI, LF, LI+F, LT, LT+F");
  }

  @Test
  void eachTermIsScaledByItsWeightAndAWeightOfZeroTurnsItOff() {
    LossWeights ones = new LossWeights(1, 1, 1, 1, 1, 1, 1, 1, 1, 5);
    LossWeights some = new LossWeights(3, 1, 2, 1, 1, 5, 0, 1, .5, 5);
    Repaired batch = repaired();
    AlignmentLoss plain = loss(LossPreset.FULL, ones);
    Optional<Look> look = plain.look(batch, discriminator);
    Terms once = plain.generator(batch, look);
    Terms scaled = loss(LossPreset.FULL, some).generator(batch, look);
    assertThat(scaled.byName()).doesNotContainKey("centre_alignment").hasSize(8);
    assertRatio(once, scaled, "reconstruction", 3);
    assertRatio(once, scaled, "perceptual", 1);
    assertRatio(once, scaled, "adversarial", 2);
    assertRatio(once, scaled, "feature_reconstruction", 5);
    assertRatio(once, scaled, "intra_class", .5);
  }

  private static Tensor term(Terms terms, String name) {
    return Objects.requireNonNull(terms.byName().get(name), name);
  }

  private static double value(Terms terms, String name) {
    return term(terms, name).item_double();
  }

  private static void assertRatio(Terms once, Terms scaled, String name, double factor) {
    double value = value(once, name);
    assertThat(value).isPositive();
    assertThat(value(scaled, name)).isCloseTo(factor * value, within(1e-4 * factor * value));
  }

  /** Both losses come from one look at the batch; each reaches the weights of its own net. */
  @ParameterizedTest
  @EnumSource(PixelScheme.class)
  void theLossOfDUsesRepairedImagesAsConstantsForItsOwnStep(PixelScheme scheme) {
    LossPreset preset = scheme == PixelScheme.ALIGNED ? LossPreset.FULL : LossPreset.LT_F;
    AlignmentLoss loss = loss(preset, LossWeights.published());
    Repaired whole = repaired();
    Look look = loss.look(whole, discriminator).orElseThrow();
    assertThat(look.fakes()).hasSize(scheme == PixelScheme.ALIGNED ? 1 : 2);
    List<Tensor> shared =
        Ops.gradients(loss.discriminator(look), discriminator.params().trained(), true);

    Repaired cut =
        new Repaired(
            clean,
            Optional.empty(),
            labels,
            whole.repairedClean().detach(),
            whole.repairedAttacked().detach());
    Look alone = loss.look(cut, discriminator).orElseThrow();
    List<Tensor> own =
        Ops.gradients(loss.discriminator(alone), discriminator.params().trained(), true);
    for (int i = 0; i < own.size(); i++) {
      assertThat(Ops.toFloats(shared.get(i))).isEqualTo(Ops.toFloats(own.get(i)));
    }
    for (Tensor gradient :
        Ops.gradients(loss.discriminator(alone), generator.params().trained(), true)) {
      assertThat(gradient.abs().sum().item_float()).isZero();
    }
    Tensor fooled = term(loss.generator(whole, Optional.of(look)), "adversarial");
    assertThat(
            Ops.gradients(fooled, generator.params().trained(), true).stream()
                .mapToDouble(gradient -> gradient.abs().sum().item_double())
                .sum())
        .isPositive();
    discriminator
        .params()
        .trained()
        .forEach(weight -> assertThat(weight.grad().defined()).isFalse());
  }

  /** The paper's novelty: D's real sample is the repaired clean image, whose graph is cut. */
  @Test
  void theRealSampleIsTheRepairedCleanImageOrTheCleanOne() {
    Repaired batch = repaired();
    Look aligned =
        loss(LossPreset.LI, LossWeights.published()).look(batch, discriminator).orElseThrow();
    Look traditional =
        loss(LossPreset.LT, LossWeights.published()).look(batch, discriminator).orElseThrow();
    Optional<Tensor> map = Optional.of(new Classification().labelMap(labels, 4, 8, 8));
    assertSame(aligned.real(), discriminator.forward(batch.repairedClean(), map));
    assertSame(aligned.fakes().getFirst(), discriminator.forward(batch.repairedAttacked(), map));
    assertSame(traditional.real(), discriminator.forward(clean, map));
    assertSame(traditional.fakes().get(0), discriminator.forward(batch.repairedClean(), map));
    assertSame(traditional.fakes().get(1), discriminator.forward(batch.repairedAttacked(), map));
    Tensor judged = aligned.real().predictions().getFirst().sum();
    for (Tensor gradient : Ops.gradients(judged, generator.params().trained(), true)) {
      assertThat(gradient.abs().sum().item_float()).isZero();
    }
  }

  private static void assertSame(Discriminator.Opinion a, Discriminator.Opinion b) {
    for (int scale = 0; scale < a.predictions().size(); scale++) {
      assertThat(Ops.toFloats(a.predictions().get(scale)))
          .containsExactly(Ops.toFloats(b.predictions().get(scale)), within(1e-5f));
    }
  }

  @Test
  void withoutAPartForDNobodyLooks() {
    assertThat(loss(LossPreset.LF, LossWeights.published()).look(repaired(), discriminator))
        .isEmpty();
    LossWeights without = new LossWeights(50, 10, 0, 0, 2, 4, .1, .005, 1, 5);
    assertThat(loss(LossPreset.FULL, without).look(repaired(), discriminator)).isEmpty();
  }
}

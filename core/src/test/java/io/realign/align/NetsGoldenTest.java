package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.align.Discriminator.Opinion;
import io.realign.nn.Params;
import io.realign.target.Synthetic;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** G, D and the adversarial terms against PyTorch in Python, and their published sizes. */
@ExtendWith(OneCore.class)
class NetsGoldenTest {

  private static final Offset<Float> CLOSE = within(1e-5f);

  private final Discriminator discriminator =
      filled(new Discriminator.Config(4, 3, 2, 2).create(Seed.of(0), Compute.CPU));

  private static Discriminator filled(Discriminator d) {
    Synthetic.fill(d.params().dict());
    return d;
  }

  private Opinion opinion(double speed) {
    Tensor labels = Ops.longs(new long[] {0, 1}, 2);
    return discriminator.forward(
        images(2, 16, speed), Optional.of(new Classification().labelMap(labels, 2, 16, 16)));
  }

  /** Labels of whole images are the same to D as maps of them. */
  @Test
  void aLabelOfAnImageCountsAsAMapThatCoversIt() {
    Tensor labels = Ops.longs(new long[] {0, 1}, 2);
    Tensor ofImages = new Classification().labelMap(labels, 2, 16, 16);
    Tensor images = images(2, 16, .7);
    Opinion planes = discriminator.forward(images, Optional.of(ofImages));
    Opinion maps = discriminator.forward(images, Optional.of(ofImages.expand(2, 2, 16, 16)));
    for (int scale = 0; scale < 2; scale++) {
      assertThat(Ops.toFloats(planes.predictions().get(scale)))
          .containsExactly(Ops.toFloats(maps.predictions().get(scale)), CLOSE);
      Tensor ofPlanes = planes.features().get(scale).getFirst();
      assertThat(Ops.toFloats(ofPlanes))
          .containsExactly(Ops.toFloats(maps.features().get(scale).getFirst()), CLOSE);
    }
  }

  private static Tensor images(int n, int size, double speed) {
    float[] values = new float[n * 3 * size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (.5 + .5 * Math.sin(speed * i));
    }
    return Ops.floats(values, n, 3, size, size);
  }

  @Test
  void theGlobalGeneratorIsPix2pixHds() {
    check(new GlobalGenerator.Config(4, 1, 1), Synthetic.images(2, 8), "generator_1_1");
    check(new GlobalGenerator.Config(2, 2, 2), Synthetic.images(1, 16), "generator_2_2");
  }

  private static void check(GlobalGenerator.Config config, Tensor images, String golden) {
    GlobalGenerator generator = config.create(Seed.of(0), Compute.CPU);
    Synthetic.fill(generator.params().dict());
    Tensor repaired = generator.forward(images);
    assertThat(Ops.shape(repaired)).isEqualTo(Ops.shape(images));
    assertThat(Ops.toFloats(repaired)).containsExactly(Goldens.named(golden), CLOSE);
  }

  @Test
  void theDiscriminatorIsPix2pixHds() {
    Opinion opinion = opinion(.37);
    for (int scale = 0; scale < 2; scale++) {
      assertThat(Ops.toFloats(opinion.predictions().get(scale)))
          .containsExactly(Goldens.named("discriminator_scale_" + scale), within(2e-5f));
      float[] sizes = Goldens.named("discriminator_features_" + scale);
      for (int layer = 0; layer < sizes.length; layer++) {
        assertThat(opinion.features().get(scale).get(layer).abs().mean().item_float())
            .isCloseTo(sizes[layer], CLOSE);
      }
    }
  }

  @Test
  void theAdversarialTermsAreThoseOfThePythonReference() {
    Opinion real = opinion(.37);
    Opinion fake = opinion(.53);
    Opinion second = opinion(.71);
    assertGolden("lsgan_generator", AdversarialLoss.generator(fake.predictions()));
    assertGolden(
        "lsgan_discriminator",
        AdversarialLoss.discriminator(real.predictions(), List.of(fake.predictions())));
    assertGolden(
        "lsgan_discriminator_two_fakes",
        AdversarialLoss.discriminator(
            real.predictions(), List.of(fake.predictions(), second.predictions())));
    assertGolden("feature_matching", FeatureMatchingLoss.of(fake.features(), real.features()));
  }

  private static void assertGolden(String name, Tensor loss) {
    assertThat(loss.item_float()).isCloseTo(Goldens.named(name)[0], CLOSE);
  }

  @Test
  void thePublishedGeneratorForSmallImagesHasThePublishedSize() {
    assertThat(GlobalGenerator.Config.published(32))
        .isEqualTo(new GlobalGenerator.Config(64, 2, 9));
    assertThat(GlobalGenerator.Config.published(64).downsamplings()).isEqualTo(2);
    try (Scope scope = Scope.open()) {
      Params params = GlobalGenerator.Config.published(32).create(Seed.of(0), Compute.CPU).params();
      assertThat(params.count()).isEqualTo(11_378_179);
      assertThat(parameters(GlobalGenerator.Config.published(32))).isEqualTo(11_378_179);
    }
  }

  /** Counted by the formula that the net above confirms: the weights would fill 730 MB. */
  @Test
  void thePublishedGeneratorForLargeImagesHasThePublishedSize() {
    assertThat(parameters(GlobalGenerator.Config.published(256))).isEqualTo(182_443_267);
  }

  private static long parameters(GlobalGenerator.Config c) {
    long channels = c.filters();
    long sum = 49 * 3 * channels + channels + 49 * 3 * channels + 3;
    for (int i = 0; i < c.downsamplings(); i++) {
      sum += 2 * (9 * channels * 2 * channels) + 2 * channels + channels;
      channels *= 2;
    }
    return sum + c.blocks() * 2L * (9 * channels * channels + channels);
  }

  @Test
  void theDiscriminatorsMapsHaveThePublishedWidths() {
    Discriminator published = Discriminator.Config.published(0).create(Seed.of(1), Compute.CPU);
    assertThat(published.config()).isEqualTo(new Discriminator.Config(64, 3, 2, 0));
    Opinion opinion = published.forward(Seed.of(2).uniform(0, 1, 1, 3, 32, 32), Optional.empty());
    List<Long> widths = new ArrayList<>();
    List<Long> channels = new ArrayList<>();
    for (Tensor map : opinion.features().getFirst()) {
      widths.add(map.size(3));
      channels.add(map.size(1));
    }
    widths.add(opinion.predictions().getFirst().size(3));
    assertThat(widths).containsExactly(17L, 9L, 5L, 6L, 7L);
    assertThat(channels).containsExactly(64L, 128L, 256L, 512L);
    assertThat(opinion.predictions()).hasSize(2);
  }

  @Test
  void theCompactGeneratorStartsNearTheIdentityAndLearnsFromEveryWeight() {
    CompactGenerator generator =
        new CompactGenerator.Config(4, 1, 1, 1, .1, List.of(.5, .5, .5), List.of(.2, .2, .2))
            .create(Seed.of(1), Compute.CPU);
    Tensor images = Ops.leaf(Seed.of(2).uniform(0, 1, 2, 3, 16, 16));
    Tensor repaired = generator.forward(images);
    assertThat(Ops.shape(repaired)).containsExactly(2, 3, 16, 16);
    assertThat(repaired.sub(images).abs().max().item_float()).isPositive().isLessThan(.03f);
    assertThat(repaired.min().item_float()).isNotNegative();
    assertThat(repaired.max().item_float()).isLessThanOrEqualTo(1);
    Tensor loss = repaired.mul(repaired).mean();
    for (Tensor gradient : Ops.gradients(loss, generator.params().trained(), true)) {
      assertThat(gradient.abs().sum().item_float()).isPositive();
    }
    assertThat(Ops.gradient(loss, images).abs().sum().item_float()).isPositive();

    Synthetic.fill(generator.params().dict()); // weights of ordinary size: the range still holds
    assertThat(generator.forward(images).sub(images).abs().max().item_float())
        .isLessThanOrEqualTo(.1f + 1e-6f);
  }
}

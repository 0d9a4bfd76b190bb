package io.realign.defense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class PurifiersTest {

  private final Tensor images = Seed.of(1).uniform(0, 1, 3, 3, 16, 16);

  @Test
  void aJpegLosesMoreAtALowerQuality() {
    double before = 0;
    for (int quality : new int[] {100, 75, 20}) {
      Tensor coded = new Jpeg(quality).purify(images);
      assertThat(Ops.shape(coded)).isEqualTo(Ops.shape(images));
      double lost = coded.sub(images).abs().mean().item_double();
      assertThat(lost).as("quality %d", quality).isGreaterThan(before);
      assertThat(Ops.toFloats(new Jpeg(quality).purify(images))).isEqualTo(Ops.toFloats(coded));
      before = lost;
    }
    Tensor flat = Ops.affine(images, 0, .5);
    assertThat(new Jpeg(75).purify(flat).sub(flat).abs().max().item_double()).isLessThan(.01);
  }

  @Test
  void attackersGoStraightThroughWhatHasNoGradient() {
    Purifier jpeg = Purifiers.of("jpeg:75");
    Tensor leaf = Ops.leaf(images);
    Tensor repaired = jpeg.purify(leaf);
    assertThat(repaired.sub(new Jpeg(75).purify(images)).abs().max().item_double())
        .isLessThan(1e-6);
    Tensor weight = Seed.of(2).normal(1, 3, 3, 16, 16);
    Tensor gradient = Ops.gradient(repaired.mul(weight).sum(), leaf);
    assertThat(Ops.toFloats(gradient)).isEqualTo(Ops.toFloats(weight));

    Purifier doubled = new StraightThrough(new Jpeg(75), x -> Ops.scale(x, 2));
    Tensor other = Ops.leaf(images);
    Tensor twice = Ops.gradient(doubled.purify(other).mul(weight).sum(), other);
    assertThat(Ops.toFloats(twice)).isEqualTo(Ops.toFloats(Ops.scale(weight, 2)));
  }

  @Test
  void aChainRepairsInItsOrder() {
    Purifier half =
        new Purifier() {
          @Override
          public String name() {
            return "half";
          }

          @Override
          public Tensor purify(Tensor x) {
            return Ops.scale(x, .5);
          }
        };
    Chain chain = new Chain(List.of(half, new Jpeg(75)));
    assertThat(chain.name()).isEqualTo("half then jpeg:75");
    assertThat(Ops.toFloats(chain.purify(images)))
        .isEqualTo(Ops.toFloats(new Jpeg(75).purify(Ops.scale(images, .5))));
  }

  @Test
  void namesABadWord() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Purifiers.of("png:3"))
        .withMessage("unknown purifier 'png:3': one of jpeg:QUALITY");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Purifiers.of("jpeg:0"))
        .withMessage("the quality of a JPEG is 1 to 100, not 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Purifiers.of("jpeg"))
        .withMessage("purifier 'jpeg' needs a whole number after the colon");
  }
}

package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.attack.DenseAdversary;
import io.realign.attack.Pgd;
import io.realign.data.Annotation;
import io.realign.data.Sample;
import io.realign.defense.Defended;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.task.Finding;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

final class PixelTargetTest {

  private static final PixelTarget BARE = new PixelTarget(new Fixtures.ChannelNet(), Compute.CPU);

  /** Swaps red and blue. */
  private static final PixelTarget SWAPPED =
      new PixelTarget(
          new Defended(
              new Fixtures.ChannelNet(), new Fixtures.Changing("flip", image -> image.flip(1))),
          Compute.CPU);

  private static final List<Sample> SAMPLES =
      IntStream.range(0, 12).mapToObj(new Fixtures.Channels(12)::get).toList();

  private static Finding ofClass(int label) {
    return new Finding.OneClass(label);
  }

  /** An image that is brighter in one channel by some levels of 255. */
  private static Pixels bright(int channel, int levels) {
    int plane = Fixtures.SIDE * Fixtures.SIDE;
    byte[] rgb = new byte[3 * plane];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (100 + (i / plane == channel ? levels : 0));
    }
    return new Pixels(Fixtures.SIDE, Fixtures.SIDE, rgb);
  }

  @Test
  void saysOfEachImageOfABatchWhatItSaysOfItAlone() {
    List<Pixels> images = SAMPLES.stream().map(Sample::image).toList();
    List<Prediction> together = BARE.predict(images);
    assertThat(together).isEqualTo(images.stream().map(BARE::predict).toList());
    assertThat(BARE.predict(bright(2, 30)).finding()).isEqualTo(ofClass(2));
    // softmax of 20·(130, 100, 100)/255
    assertThat(BARE.predict(bright(0, 30)).confidence())
        .isCloseTo(1 / (1 + 2 * Math.exp(-20 * 30 / 255.0)), within(1e-5));
  }

  @Test
  void asksADefendedTargetThroughItsDefense() {
    assertThat(SWAPPED.predict(bright(0, 30)).finding()).isEqualTo(ofClass(2));
  }

  @Test
  void attacksWithinTheBallAndTellsWhatCameOfIt() {
    PixelTarget.Attacked near = BARE.attack(bright(0, 5), Pgd.standard(), Seed.of(1));
    assertThat(near.changed()).isTrue();
    assertThat(near.before()).isEqualTo(ofClass(0));
    assertThat(near.label()).isEqualTo(ofClass(0));
    assertThat(near.after())
        .isEqualTo(BARE.predict(near.image()).finding())
        .isNotEqualTo(ofClass(0));
    int farthest = 0;
    for (int i = 0; i < near.image().rgb().length; i++) {
      int change = (near.image().rgb()[i] & 255) - (bright(0, 5).rgb()[i] & 255);
      farthest = Math.max(farthest, Math.abs(change));
    }
    assertThat(farthest).isBetween(1, (int) (255 * Pgd.standard().epsilon()));
    assertThat(near.change()).isCloseTo(farthest / 255.0, within(1e-6));

    PixelTarget.Attacked far = BARE.attack(bright(0, 120), Pgd.standard(), Seed.of(1));
    assertThat(far.changed()).isFalse();
    assertThat(far.after()).isEqualTo(ofClass(0));
  }

  @Test
  void leadsAwayFromTheTruthWhereItIsKnown() {
    Annotation truth = Annotation.ofClass(1);
    PixelTarget.Attacked attacked =
        BARE.attack(bright(0, 5), Optional.of(truth), Pgd.standard(), Seed.of(1));
    assertThat(attacked.label()).isEqualTo(ofClass(1));
    assertThat(attacked.before()).isEqualTo(ofClass(0));
    assertThat(attacked.after()).isNotEqualTo(ofClass(1));
  }

  @Test
  void refusesOtherSizesAndAttacksOfOtherTasks() {
    Pixels wide = new Pixels(4, 5, new byte[60]);
    assertThatThrownBy(() -> BARE.predict(wide))
        .isInstanceOf(InputException.class)
        .hasMessage("the image is 5×4, target channel-net takes images of 4×4");
    assertThatThrownBy(() -> BARE.attack(bright(0, 5), DenseAdversary.standard(), Seed.of(1)))
        .isInstanceOf(InputException.class)
        .hasMessage("attack dag is not for classification");
  }

  @Test
  void keepsNoNativeMemory() {
    Pixels image = bright(0, 5);
    BARE.attack(image, Pgd.standard(), Seed.of(1));
    long before = Pointer.totalCount();
    for (int i = 0; i < 5; i++) {
      BARE.predict(image);
      BARE.attack(image, Pgd.standard(), Seed.of(i));
    }
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }
}

package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {

  /** Red 1 to 9 in row order, green 10 more, blue 20 more; the mask is red. */
  private static Sample sample() {
    byte[] rgb = new byte[27];
    byte[] mask = new byte[9];
    for (int i = 0; i < 27; i++) {
      rgb[i] = (byte) (i % 9 + 1 + i / 9 * 10);
      mask[i % 9] = (byte) (i % 9 + 1);
    }
    return new Sample(
        new Pixels(3, 3, rgb), new Annotation(4, mask, List.of(new Box(4, 0, 0, 2, 1))));
  }

  @Test
  void cropsAndPadsWithBlack() {
    Sample moved = Augmentation.CropFlip.shift(sample(), 1, -1, false);

    assertThat(moved.image().rgb()) // the window starts one row down and one column before
        .containsExactly(
            0, 4, 5, 0, 7, 8, 0, 0, 0, //
            0, 14, 15, 0, 17, 18, 0, 0, 0, //
            0, 24, 25, 0, 27, 28, 0, 0, 0);
    assertThat(moved.annotation().mask()).containsExactly(-1, 4, 5, -1, 7, 8, -1, -1, -1);
    assertThat(moved.annotation().boxes()).isEmpty();
    assertThat(moved.annotation().label()).isEqualTo(4);
  }

  @Test
  void flipsLeftToRight() {
    Sample flipped = Augmentation.CropFlip.shift(sample(), 0, 0, true);

    assertThat(flipped.image().rgb())
        .startsWith(3, 2, 1, 6, 5, 4, 9, 8, 7)
        .endsWith(23, 22, 21, 26, 25, 24, 29, 28, 27);
    assertThat(flipped.annotation().mask()).containsExactly(3, 2, 1, 6, 5, 4, 9, 8, 7);
    assertThat(flipped.annotation().boxes()).containsExactly(new Box(4, 1, 0, 3, 1));
  }

  @Test
  void cutsBoxesAtTheFrame() {
    assertThat(Augmentation.CropFlip.shift(sample(), 0, 1, false).annotation().boxes())
        .containsExactly(new Box(4, 0, 0, 1, 1));
  }

  @Test
  void turnsClockwise() {
    Sample turned = AffineWarp.warp(sample(), Math.PI / 2, 1);

    assertThat(turned.image().rgb())
        .startsWith(7, 4, 1, 8, 5, 2, 9, 6, 3)
        .endsWith(27, 24, 21, 28, 25, 22, 29, 26, 23);
    assertThat(turned.annotation().mask()).containsExactly(7, 4, 1, 8, 5, 2, 9, 6, 3);
    Box box = turned.annotation().boxes().getFirst();
    assertThat(new float[] {box.left(), box.top(), box.right(), box.bottom()})
        .containsExactly(new float[] {2, 0, 3, 2}, within(1e-5f));
  }

  @Test
  void zoomsAboutTheCentreAndMirrorsBeyondTheFrame() {
    Sample half = AffineWarp.warp(sample(), 0, .5);

    assertThat(half.image().rgb()) // from rows and columns -1, 1, 3 of the old image
        .startsWith(1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(half.annotation().mask()).containsExactly(-1, -1, -1, -1, 5, -1, -1, -1, -1);
    Sample twice = AffineWarp.warp(sample(), 0, 2);
    assertThat(twice.image().rgb()).startsWith(3, 4, 4, 5, 5, 6, 6, 7, 7); // bilinear, .5 rounds up
    assertThat(twice.annotation().boxes()).containsExactly(new Box(4, 0, 0, 2.5f, .5f));
  }

  @Test
  void warpsTheShareThatWasAskedFor() {
    AffineWarp warp = new AffineWarp(.25, 180, .1);
    int changed = 0;
    for (int i = 0; i < 400; i++) {
      Sample made = warp.apply(sample(), Seed.of(3).child(i));
      assertThat(made.image().rgb())
          .isEqualTo(warp.apply(sample(), Seed.of(3).child(i)).image().rgb());
      changed += Arrays.equals(made.image().rgb(), sample().image().rgb()) ? 0 : 1;
    }
    assertThat(changed).isBetween(70, 130);
    assertThatThrownBy(() -> new AffineWarp(2, 15, .1)).hasMessageContaining("2.0");
    assertThatThrownBy(() -> new AffineWarp(.5, -1, .1)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new AffineWarp(.5, 15, 1)).hasMessageContaining("1.0");
  }

  @Test
  void drawsEveryShiftAndBothSidesFromTheSeed() {
    Augmentation augmentation = new Augmentation.CropFlip(1);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      byte[] rgb = augmentation.apply(sample(), Seed.of(1).child(i)).image().rgb();
      assertThat(augmentation.apply(sample(), Seed.of(1).child(i)).image().rgb()).isEqualTo(rgb);
      seen.add(java.util.Arrays.toString(rgb));
    }
    assertThat(seen).hasSize(3 * 3 * 2);
  }

  @Test
  void refusesNegativePadding() {
    assertThatThrownBy(() -> new Augmentation.CropFlip(-1)).hasMessageContaining("-1");
  }
}

package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Views and light of images with masks and boxes. */
class RandomViewTest {

  private static final int SIDE = 40;

  /** A bright square of class 2 whose mask and box agree. */
  private static Sample square(int left, int top, int size) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    byte[] mask = new byte[SIDE * SIDE];
    for (int y = top; y < top + size; y++) {
      for (int x = left; x < left + size; x++) {
        mask[y * SIDE + x] = 3;
        for (int c = 0; c < 3; c++) {
          rgb[(c * SIDE + y) * SIDE + x] = (byte) 200;
        }
      }
    }
    return new Sample(
        new Pixels(SIDE, SIDE, rgb),
        new Annotation(2, mask, List.of(new Box(2, left, top, left + size, top + size, true))));
  }

  @Test
  void theBoxStaysAroundTheMask() {
    Sample before = square(12, 14, 12);
    for (long seed = 0; seed < 40; seed++) {
      Sample seen = RandomView.ofBoxes().apply(before, Seed.of(seed));
      Annotation known = seen.annotation();
      if (known.boxes().isEmpty()) {
        continue;
      }
      Box box = known.boxes().getFirst();
      assertThat(box.difficult()).isTrue();
      for (int i = 0; i < SIDE * SIDE; i++) {
        if (known.mask()[i] == 3) {
          assertThat(i % SIDE + .5).isBetween(box.left() - 1.0, box.right() + 1.0);
          assertThat(i / SIDE + .5).isBetween(box.top() - 1.0, box.bottom() + 1.0);
        }
      }
    }
  }

  @Test
  void aBoxThatMostlyLeftIsLeftOut() {
    Sample corner = square(0, 0, 6);
    AffineWarp.View near = new AffineWarp.View(0, 2, 0, 0, AffineWarp.Beyond.GREY, .5);
    assertThat(near.of(corner).annotation().boxes()).isEmpty();
    AffineWarp.View same = new AffineWarp.View(0, 1, 0, 0, AffineWarp.Beyond.GREY, .5);
    assertThat(same.of(corner).annotation().boxes()).hasSize(1);
  }

  @Test
  void fartherAwayThereIsGreyAndNobodyKnowsTheClass() {
    Sample far =
        new AffineWarp.View(0, .5, 0, 0, AffineWarp.Beyond.GREY, .5).of(square(10, 10, 20));
    assertThat(far.image().rgb()[0]).isEqualTo((byte) 128);
    assertThat(far.annotation().mask()[0]).isEqualTo(Annotation.UNKNOWN);
    assertThat(far.annotation().boxes()).containsExactly(new Box(2, 15, 15, 25, 25, true));
  }

  @Test
  void whatIsToTheRightMoves() {
    Sample moved =
        new AffineWarp.View(0, 1, 5, -3, AffineWarp.Beyond.GREY, .5).of(square(10, 10, 8));
    assertThat(moved.annotation().boxes()).containsExactly(new Box(2, 15, 7, 23, 15, true));
    assertThat(moved.annotation().mask()[7 * SIDE + 15]).isEqualTo((byte) 3);
    assertThat(moved.annotation().mask()[6 * SIDE + 15]).isEqualTo((byte) 0);
  }

  @Test
  void lightLeavesMaskAndBoxesAlone() {
    Sample before = square(5, 5, 10);
    boolean changed = false;
    for (long seed = 0; seed < 8; seed++) {
      Sample seen = PhotometricDistortion.standard().apply(before, Seed.of(seed));
      assertThat(seen.annotation()).isSameAs(before.annotation());
      changed |= !java.util.Arrays.equals(seen.image().rgb(), before.image().rgb());
      assertThat(PhotometricDistortion.standard().apply(before, Seed.of(seed)).image().rgb())
          .as("a function of the seed")
          .isEqualTo(seen.image().rgb());
    }
    assertThat(changed).isTrue();
    Sample none = new PhotometricDistortion(0, 0, 0, 0).apply(before, Seed.of(1));
    assertThat(none.image().rgb()).isEqualTo(before.image().rgb());
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RandomView(2, 1, 0, AffineWarp.Beyond.GREY));
    assertThatIllegalArgumentException().isThrownBy(() -> new PhotometricDistortion(0, 1.5, 0, 0));
  }
}

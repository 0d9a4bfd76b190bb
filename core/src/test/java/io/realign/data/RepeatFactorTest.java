package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatFactorTest {

  private static final Seed SEED = Seed.of(1);

  /** 64 images of class 0, 4 of class 1, 1 of class 2: shares of 64/69, 4/69 and 1/69. */
  private static final Dataset IMAGES = new Known(classes(64, 4, 1));

  @Test
  void anImageOfARareClassComesAsOftenAsTheRootSays() {
    // t = 16/69: class 1 twice (√(16/4)), class 2 four times (√(16/1)), class 0 once
    int[] times = times(RepeatFactor.below(16 / 69.0 + 1e-12, IMAGES, SEED), IMAGES.size());
    assertThat(Arrays.copyOfRange(times, 0, 64)).containsOnly(1);
    assertThat(Arrays.copyOfRange(times, 64, 68)).containsOnly(2);
    assertThat(times[68]).isEqualTo(4);
  }

  @Test
  void aPartOfARepetitionIsDrawnBySeed() {
    Dataset many = new Known(classes(900, 100));
    double share = .225; // class 1 is to come 1.5 times
    int repeated = RepeatFactor.below(share, many, SEED).size() - many.size();
    assertThat(repeated).isBetween(30, 70);
    assertThat(times(RepeatFactor.below(share, many, SEED), 1000))
        .containsExactly(times(RepeatFactor.below(share, many, SEED), 1000))
        .isNotEqualTo(times(RepeatFactor.below(share, many, Seed.of(2)), 1000));
  }

  @Test
  void masksCountBeforeBoxesAndBoxesBeforeTheClassOfTheImage() {
    Box box = new Box(7, 0, 0, 4, 4, false);
    List<Annotation> known = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      known.add(new Annotation(0, new byte[] {0, 0}, List.of(box)));
    }
    known.set(3, new Annotation(0, new byte[] {0, 5}, List.of(box)));
    known.set(4, new Annotation(0, new byte[] {0, Annotation.UNKNOWN}, List.of(box)));
    int[] masks = times(RepeatFactor.below(1, new Known(known), SEED), 16);
    assertThat(masks[3]).isEqualTo(4);
    assertThat(masks[4]).isEqualTo(1);

    List<Annotation> boxes = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      boxes.add(new Annotation(i, new byte[0], List.of(box)));
    }
    boxes.set(9, new Annotation(0, new byte[0], List.of(box, new Box(3, 0, 0, 4, 4, false))));
    int[] times = times(RepeatFactor.below(1, new Known(boxes), SEED), 16);
    assertThat(times[9]).isEqualTo(4);
    assertThat(times[8]).isEqualTo(1);
  }

  @Test
  void noShareLeavesTheImagesAsTheyAre() {
    assertThat(RepeatFactor.below(0, IMAGES, SEED)).isSameAs(IMAGES);
  }

  @Test
  void refusesWhatIsNoShare() {
    for (double share : new double[] {-.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> RepeatFactor.below(share, IMAGES, SEED))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("[0,1]");
    }
  }

  private static int[] times(Dataset repeated, int images) {
    int[] times = new int[images];
    for (int index : ((Subset) repeated).indices()) {
      times[index]++;
    }
    return times;
  }

  private static List<Annotation> classes(int... counts) {
    List<Annotation> known = new ArrayList<>();
    for (int label = 0; label < counts.length; label++) {
      for (int i = 0; i < counts[label]; i++) {
        known.add(Annotation.ofClass(label));
      }
    }
    return known;
  }

  private record Known(List<Annotation> annotations) implements Dataset {

    @Override
    public String name() {
      return "known";
    }

    @Override
    public List<String> classes() {
      return List.of("a", "b", "c");
    }

    @Override
    public int size() {
      return annotations.size();
    }

    @Override
    public int imageSize() {
      return 1;
    }

    @Override
    public Sample get(int index) {
      return new Sample(new Pixels(1, 1, new byte[3]), annotations.get(index));
    }
  }
}

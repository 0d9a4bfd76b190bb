package io.realign.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PriorsTest {

  private final Priors ssd = Priors.of(Priors.ssd300(), 300);

  @Test
  void haveThePublishedCounts() {
    assertThat(ssd.count()).isEqualTo(8732);
    assertThat(Priors.of(Priors.rfb300(), 300).count()).isEqualTo(11_620);
  }

  @Test
  void beginWithTheSquaresOfTheFirstMap() {
    float place = (float) (.5 / (300.0 / 8));
    assertThat(java.util.Arrays.copyOf(ssd.boxes(), 8))
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(
            place,
            place,
            .1f,
            .1f,
            place,
            place,
            (float) Math.sqrt(.1 * .2),
            (float) Math.sqrt(.1 * .2));
  }

  @Test
  void endWithTheLyingBoxOfTheWholeImage() {
    int last = ssd.count() - 1;
    assertThat(ssd.right(last) - ssd.left(last))
        .isCloseTo((float) (.88 / Math.sqrt(2)), within(1e-6f));
    assertThat(ssd.bottom(last) - ssd.top(last)).isCloseTo(1f, within(1e-6f)); // cut: .88·√2 > 1
  }

  @Test
  void codingGoesBothWays() {
    float[] offsets = new float[4 * ssd.count()];
    BoxCoding coding = BoxCoding.standard();
    for (int prior = 0; prior < ssd.count(); prior += 371) {
      coding.encode(ssd, prior, .2f, .3f, .55f, .42f, offsets);
      DetectedBox box = coding.decode(ssd, prior, offsets, 3, .5f);
      assertThat(new float[] {box.left(), box.top(), box.right(), box.bottom()})
          .usingComparatorWithPrecision(1e-5f)
          .containsExactly(.2f, .3f, .55f, .42f);
    }
  }

  @Test
  void everyObjectHasAPrior() {
    float[] truth = {2, .1f, .1f, .13f, .12f, 0, 7, .2f, .1f, .9f, .8f, 0, -1, 0, 0, 0, 0, 0};
    Matching matching = Matching.of(ssd, BoxCoding.standard(), truth);
    long[] labels = matching.labels();
    assertThat(java.util.Arrays.stream(labels).filter(k -> k == 3).count()).isEqualTo(1); // tiny
    long large = java.util.Arrays.stream(labels).filter(k -> k == 8).count();
    assertThat(large).isGreaterThan(1);
    assertThat(matching.objects()).isEqualTo((int) large + 1);
    for (int prior = 0; prior < labels.length; prior++) {
      if (labels[prior] == 8) {
        assertThat(
                DetectedBox.overlap(
                    ssd.left(prior),
                    ssd.top(prior),
                    ssd.right(prior),
                    ssd.bottom(prior),
                    .2f,
                    .1f,
                    .9f,
                    .8f))
            .isGreaterThanOrEqualTo(.5);
      }
    }
  }
}

package io.realign.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NonMaximumSuppressionTest {

  private final Priors priors =
      new Priors(
          new float[] {
            .30f, .30f, .2f, .2f, // and one close by
            .32f, .30f, .2f, .2f, //
            .70f, .70f, .2f, .2f,
          });
  private final float[] none = new float[12];

  private List<DetectedBox> of(float... scores) {
    return NonMaximumSuppression.standard()
        .of(priors, BoxCoding.standard(), scores, none, scores.length / 3);
  }

  @Test
  void theLowerOfTwoOnOneObjectGoes() {
    assertThat(of(.6f, .9f, .3f)).extracting(DetectedBox::score).containsExactly(.9f, .3f);
  }

  @Test
  void objectsOfTwoClassesMayLieOnOneAnother() {
    assertThat(of(.6f, 0, 0, .5f, 0, 0)).extracting(DetectedBox::label).containsExactly(0, 1);
  }

  @Test
  void whatIsNotSureIsNoClaim() {
    assertThat(of(.01f, .005f, .02f)).extracting(DetectedBox::score).containsExactly(.02f);
  }

  @Test
  void anImageHasNoMoreThanItsShare() {
    NonMaximumSuppression one = new NonMaximumSuppression(.01, .45, 400, 1);
    assertThat(one.of(priors, BoxCoding.standard(), new float[] {.2f, .1f, .8f}, none, 1))
        .extracting(DetectedBox::score)
        .containsExactly(.8f);
  }
}

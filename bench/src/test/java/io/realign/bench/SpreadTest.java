package io.realign.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Medians and ranges. */
final class SpreadTest {

  @Test
  void takesTheMiddleOfAnOddNumber() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 3, 3));
  }

  @Test
  void takesTheMeanOfTheTwoInTheMiddleOfAnEvenNumber() {
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(new Spread(2.5, 1, 4, 4));
  }

  @Test
  void staysInOrderWhenTurnedOver() {
    assertThat(new Spread(2, 1, 4, 3).map(x -> 1 / x)).isEqualTo(new Spread(.5, .25, 1, 3));
  }

  @Test
  void needsAMeasurement() {
    assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}

package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class FractionTest {

  @ParameterizedTest
  @CsvSource({
    ".031, .031",
    "8/255, .03137254901960784",
    "-1, -1",
    "1e-3, .001",
    "0.5/255, .00196078431372549"
  })
  void readsNumbersAndFractions(String text, double value) {
    assertThat(new Fraction().convert(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "8/", "/255", "8/0", "8/-255", "8/255/2", "8//255"})
  void refusesAnythingElse(String text) {
    assertThatThrownBy(() -> new Fraction().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'" + text + "' is neither a number such as .03 nor a fraction such as 8/255");
  }
}

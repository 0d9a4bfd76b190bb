package io.realign.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number, or one divided by another: lengths are often given in steps of 8-bit images, 8/255. */
final class Fraction implements ITypeConverter<Double> {

  /** What is refused is said as picocli says it of numbers. */
  @Override
  public Double convert(String value) {
    String[] parts = value.split("/", -1);
    try {
      double number = Double.parseDouble(parts[0]);
      if (parts.length == 1) {
        return number;
      }
      double divisor = Double.parseDouble(parts[1]);
      if (parts.length == 2 && divisor > 0) {
        return number / divisor;
      }
    } catch (NumberFormatException e) {
      // as below
    }
    throw new TypeConversionException(
        "'%s' is neither a number such as .03 nor a fraction such as 8/255".formatted(value));
  }
}

package io.realign.export;

import io.realign.nn.StateDict;
import io.realign.torch.Program;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Names for the constants of a program: those of the generator's weights, numbers for the rest,
 * which are folded out of several weights.
 */
final class ConstantNames {

  private static final String GENERATOR = "generator.";
  private static final String OTHER = "constant.";

  private final Map<Integer, String> names = new HashMap<>();

  ConstantNames(Program program, StateDict generator) {
    program
        .constants()
        .forEach((number, tensor) -> names.put(number, name(number, tensor, generator)));
  }

  /** The name of constant {@code number}: {@code generator.head.weight}. */
  String of(int number) {
    String name = names.get(number);
    if (name == null) {
      throw new IllegalArgumentException("value " + number + " is no constant");
    }
    return name;
  }

  private static String name(int number, Tensor tensor, StateDict generator) {
    return generator.entries().stream()
        .filter(entry -> entry.getValue().is_same(tensor))
        .findFirst()
        .map(entry -> GENERATOR + entry.getKey())
        .orElse(OTHER + number);
  }
}

package io.realign.target;

import io.realign.torch.Ops;
import io.realign.torch.ScriptValue;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/**
 * Where a tensor is in what a program returns: {@code METHOD()}, then keys of dictionaries and
 * indices of tuples with slashes between, such as {@code forward()/out} or {@code heads()/0}.
 * Without a method it is {@code forward()}.
 *
 * @param method that is called
 * @param steps from its result to the tensor
 */
record ScriptPath(String method, List<String> steps) {

  private static final Pattern METHOD = Pattern.compile("([A-Za-z_]\\w*)\\(\\)(?:/(.+))?");
  private static final String FORWARD = "forward";

  ScriptPath {
    steps = List.copyOf(steps);
  }

  /** Reads the text. */
  static ScriptPath parse(String text) {
    Matcher matcher = METHOD.matcher(text.strip());
    if (matcher.matches()) {
      return new ScriptPath(
          matcher.group(1), matcher.group(2) == null ? List.of() : steps(matcher.group(2)));
    }
    if (text.isBlank() || text.contains("(") || text.contains(")")) {
      throw new IllegalArgumentException(
          "'%s' is no place in an output: METHOD(), KEY, INDEX or several with / between, such as forward()/out"
              .formatted(text));
    }
    return new ScriptPath(FORWARD, steps(text.strip()));
  }

  private static List<String> steps(String text) {
    return Arrays.asList(text.split("/", -1));
  }

  /**
   * What is there.
   *
   * @param result of the method
   * @throws IllegalArgumentException saying what there is instead
   */
  ScriptValue in(ScriptValue result) {
    ScriptValue at = result;
    for (String step : steps) {
      at =
          switch (at) {
            case ScriptValue.Items items -> item(items, step, result);
            case ScriptValue.Named named -> {
              ScriptValue found = named.values().get(step);
              if (found == null) {
                throw nothing(step, result);
              }
              yield found;
            }
            case ScriptValue.Leaf leaf -> throw nothing(step, result);
            case ScriptValue.Other other -> throw nothing(step, result);
          };
    }
    return at;
  }

  private ScriptValue item(ScriptValue.Items items, String step, ScriptValue result) {
    if (!step.matches("\\d{1,6}") || Integer.parseInt(step) >= items.values().size()) {
      throw nothing(step, result);
    }
    return items.values().get(Integer.parseInt(step));
  }

  private IllegalArgumentException nothing(String step, ScriptValue result) {
    return new IllegalArgumentException(
        "%s has no '%s': %s() returns %s".formatted(this, step, method, result.text()));
  }

  /** The tensor that is there. */
  Tensor tensorIn(ScriptValue result) {
    if (in(result) instanceof ScriptValue.Leaf leaf) {
      return leaf.tensor();
    }
    throw new IllegalArgumentException(
        "%s is no tensor: %s() returns %s".formatted(this, method, result.text()));
  }

  /** A tensor's shape, for errors. */
  static String shape(Tensor tensor) {
    return Arrays.toString(Ops.shape(tensor));
  }

  @Override
  public String toString() {
    return method + "()" + (steps.isEmpty() ? "" : "/" + String.join("/", steps));
  }
}

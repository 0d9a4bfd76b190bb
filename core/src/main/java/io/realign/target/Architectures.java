package io.realign.target;

import io.realign.io.InputException;
import io.realign.nn.StateDict;
import java.util.List;
import java.util.function.UnaryOperator;

/** The architectures known by name. */
public final class Architectures {

  private static final UnaryOperator<StateDict> AS_THEY_ARE = UnaryOperator.identity();

  private static final List<Architecture> FIXED =
      List.of(cifarResNet("cifar-resnet20", 20), cifarResNet("cifar-resnet56", 56));

  private Architectures() {}

  /** The names, with {@code D} and {@code K} for numbers of the user's choice. */
  public static List<String> names() {
    return FIXED.stream().map(Architecture::name).toList();
  }

  /**
   * The architecture of that name.
   *
   * @throws InputException that lists the names, for another
   */
  public static Architecture of(String name) {
    return FIXED.stream()
        .filter(architecture -> architecture.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "unknown architecture '%s': one of %s"
                        .formatted(name, String.join(", ", names()))));
  }

  private static Architecture cifarResNet(String name, int depth) {
    return new Architecture(
        name,
        32,
        10,
        Normalisation.IMAGENET,
        "linear",
        (p, classes) -> new CifarResNet(p, depth, 16, classes),
        AS_THEY_ARE);
  }
}

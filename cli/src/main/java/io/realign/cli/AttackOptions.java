package io.realign.cli;

import io.realign.attack.Attack;
import io.realign.attack.AttackSettings;
import io.realign.attack.Attacks;
import io.realign.attack.Goal;
import io.realign.attack.Norm;
import io.realign.io.InputException;
import io.realign.task.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The constants of attacks, as options of a command. */
final class AttackOptions {

  @Option(
      names = "--norm",
      paramLabel = "NORM",
      description = "How the change is measured: linf or l2.")
  private @Nullable String norm;

  @Option(
      names = "--epsilon",
      paramLabel = "E",
      converter = Fraction.class,
      description = "Largest change, in units of the [0,1] range: 0.031 or 8/255.")
  private @Nullable Double epsilon;

  @Option(names = "--steps", paramLabel = "N", description = "Steps of an iterated attack.")
  private @Nullable Integer steps;

  @Option(
      names = "--step-size",
      paramLabel = "A",
      converter = Fraction.class,
      description = "Length of a step, like E.")
  private @Nullable Double stepSize;

  @Option(
      names = "--restarts",
      paramLabel = "R",
      description = "Runs of attacks with a random start; the worst counts.")
  private @Nullable Integer restarts;

  @Option(
      names = "--draws",
      paramLabel = "N",
      description = "Times a randomised defense is asked at each point (EOT).")
  private @Nullable Integer draws;

  @Option(
      names = "--goal",
      paramLabel = "GOAL",
      defaultValue = "untargeted",
      description =
          "untargeted, least-likely or a class's index: what attacks want images to "
              + "be taken for. Figures count what is still right. Default: ${DEFAULT-VALUE}.")
  private String goal = "untargeted";

  /**
   * The attacks of a comma-separated list, with their defaults where no option says otherwise.
   *
   * @throws IllegalArgumentException for an unknown name or a constant out of range
   */
  List<Attack> named(String list) {
    AttackSettings settings = settings();
    return named(Arrays.stream(list.split(",", -1)), name -> Attacks.named(name, settings));
  }

  /** The same on targets of a task; where there is no list, the usual ones. */
  List<Attack> named(@Nullable String list, Task task) {
    AttackSettings settings = settings();
    return named(
        list == null ? Attacks.usual(task).stream() : Arrays.stream(list.split(",", -1)),
        name -> Attacks.named(name, settings, task));
  }

  private List<Attack> named(Stream<String> names, Function<String, Attack> made) {
    Goal wanted = Goal.of(goal);
    return names.map(String::strip).map(name -> wanted.of(made.apply(name))).toList();
  }

  private AttackSettings settings() {
    return new AttackSettings(
        Optional.ofNullable(norm).map(AttackOptions::norm),
        epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon),
        stepSize == null ? OptionalDouble.empty() : OptionalDouble.of(stepSize),
        steps == null ? OptionalInt.empty() : OptionalInt.of(steps),
        restarts == null ? OptionalInt.empty() : OptionalInt.of(restarts),
        draws == null ? OptionalInt.empty() : OptionalInt.of(draws));
  }

  /** A line for each option that was given but that an attack has no use for. */
  List<String> unused(List<Attack> chosen) {
    Map<String, Set<String>> options = new LinkedHashMap<>();
    options.put("--steps", steps == null ? Set.of() : Set.of("steps", "queries"));
    options.put("--step-size", stepSize == null ? Set.of() : Set.of("step_size"));
    options.put("--restarts", restarts == null ? Set.of() : Set.of("restarts"));
    options.put("--draws", draws == null ? Set.of() : Set.of("draws"));
    List<String> lines = new ArrayList<>();
    options.forEach(
        (option, constants) -> {
          List<String> without =
              chosen.stream()
                  .filter(attack -> Collections.disjoint(attack.parameters().keySet(), constants))
                  .map(Attack::name)
                  .toList();
          if (!constants.isEmpty() && !without.isEmpty()) {
            lines.add(option + " has no effect on " + String.join(", ", without));
          }
        });
    return lines;
  }

  private static Norm norm(String word) {
    return Arrays.stream(Norm.values())
        .filter(value -> value.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(() -> new InputException("unknown norm '" + word + "': one of linf, l2"));
  }
}

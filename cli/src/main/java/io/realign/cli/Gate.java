package io.realign.cli;

import io.realign.attack.Attack;
import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import io.realign.io.InputException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A figure that an evaluation must reach.
 *
 * @param text as the user gave it: {@code pgd:oblivious=0.5}, {@code clean=80%}
 * @param attack name; empty for clean images
 * @param threat empty for clean images
 * @param least in [0,1]
 */
record Gate(String text, Optional<String> attack, Optional<Threat> threat, double least) {

  private static final Pattern FORM =
      Pattern.compile("(?:(clean)|([a-z0-9-]+):([a-z-]+))=([0-9.eE+-]+)(%?)");

  /**
   * Reads a gate.
   *
   * @throws InputException for text of another form, an unknown threat or a value outside [0,1]
   */
  static Gate parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new InputException(
          "--fail-under %s: expected ATTACK:THREAT=VALUE or clean=VALUE, such as pgd:adaptive=0.3"
              .formatted(text));
    }
    double value;
    try {
      value = Double.parseDouble(matcher.group(4)) / (matcher.group(5).isEmpty() ? 1 : 100);
    } catch (NumberFormatException e) {
      throw new InputException("--fail-under " + text + ": the value is no number", e);
    }
    if (!(value >= 0 && value <= 1)) {
      throw new InputException(
          "--fail-under " + text + ": the value must lie in 0..1, or in 0%..100%");
    }
    return new Gate(
        text,
        Optional.ofNullable(matcher.group(2)),
        Optional.ofNullable(matcher.group(3)).map(Words::threat),
        value);
  }

  /**
   * Checks that the evaluation will have the figure.
   *
   * @throws InputException if its attack or its threat is not evaluated
   */
  void check(List<Attack> attacks, Set<Threat> threats) {
    boolean there =
        attack.isEmpty()
            || (attacks.stream().anyMatch(each -> each.name().equals(attack.get()))
                && threats.containsAll(threat.stream().toList()));
    if (!there) {
      throw new InputException(
          "--fail-under " + text + ": neither --attacks nor --threats may lack what it names");
    }
  }

  /** The figure that this gate is about: the defended target's, if there is a defense. */
  private Optional<Result> figure(List<Result> results) {
    boolean defended = results.stream().anyMatch(result -> result.defense() != null);
    return results.stream()
        .filter(result -> (result.defense() != null) == defended)
        .filter(
            result ->
                Optional.ofNullable(result.attack()).map(Result.AttackCell::name).equals(attack))
        .filter(result -> Optional.ofNullable(result.threat()).equals(threat))
        .findFirst();
  }

  /** What is wrong, in a few words; empty if the figure is reached. */
  Optional<String> failure(List<Result> results) {
    return figure(results)
        .filter(result -> !(result.value() >= least))
        .map(
            result ->
                String.format(
                    Locale.ROOT,
                    "%s is %.2f %%, below %.2f %%",
                    attack
                        .map(name -> name + " " + threat.map(Words::of).orElse(""))
                        .orElse("clean"),
                    100 * result.value(),
                    100 * least));
  }
}

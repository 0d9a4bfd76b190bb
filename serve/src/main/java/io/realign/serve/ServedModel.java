package io.realign.serve;

import io.realign.align.GeneratorPurifier;
import io.realign.align.PixelPurifier;
import io.realign.defense.Defended;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import io.realign.target.Target;
import io.realign.torch.Compute;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A model that the service answers for: a target, a defense, or both. */
public final class ServedModel {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  private final String name;
  private final Optional<Target> target;
  private final Optional<GeneratorPurifier> defense;
  private final Optional<PixelPurifier> purifier;
  private final List<String> classes;
  private final List<Result> results;
  private final Compute compute;

  /**
   * Puts a model together.
   *
   * @param name in addresses: small letters, digits, and {@code . _ -} after the first
   * @param target what predicts; empty for a defense alone
   * @param defense what repairs; empty for a target alone
   * @param classes names of the target's classes; empty for those that it knows itself
   * @param results of an evaluation of it, for the playground; may be empty
   * @throws InputException if there is neither, the name does not fit, or the classes are not as
   *     many as the target's
   */
  public ServedModel(
      String name,
      Optional<Target> target,
      Optional<GeneratorPurifier> defense,
      List<String> classes,
      List<Result> results,
      Compute compute) {
    if (!NAME.matcher(name).matches()) {
      throw new InputException(
          "'%s' is no name of a model: small letters, digits, and . _ - after the first"
              .formatted(name));
    }
    if (target.isEmpty() && defense.isEmpty()) {
      throw new InputException("model " + name + ": neither a target nor a defense");
    }
    int count = target.map(Target::classes).orElse(0);
    if (!classes.isEmpty() && classes.size() != count) {
      throw new InputException(
          "model %s: %d names of classes, the target tells %d apart"
              .formatted(name, classes.size(), count));
    }
    this.name = name;
    this.target = target;
    this.defense = defense;
    this.purifier = defense.map(generator -> new PixelPurifier(generator, compute));
    this.classes =
        classes.isEmpty() ? target.map(Target::classNames).orElse(List.of()) : List.copyOf(classes);
    this.results = List.copyOf(results);
    this.compute = compute;
  }

  String name() {
    return name;
  }

  Optional<Target> target() {
    return target;
  }

  Optional<GeneratorPurifier> defense() {
    return defense;
  }

  List<Result> results() {
    return results;
  }

  Compute compute() {
    return compute;
  }

  /** The name of a class, or its number where nobody named it. */
  String className(int label) {
    return label < classes.size() ? classes.get(label) : "class " + label;
  }

  /**
   * The target.
   *
   * @throws Problem 422 if it is a defense alone
   */
  Target neededTarget() {
    return target.orElseThrow(
        () ->
            Problem.of(
                HttpStatus.UNPROCESSABLE,
                "model %s has no target: it only repairs".formatted(name)));
  }

  /**
   * The target behind the defense.
   *
   * @throws Problem 422 without either
   */
  Target defended() {
    Target net = neededTarget();
    return new Defended(net, neededDefense());
  }

  /**
   * The defense.
   *
   * @throws Problem 422 if it is a target alone
   */
  GeneratorPurifier neededDefense() {
    return defense.orElseThrow(this::undefended);
  }

  /**
   * What repairs images of any size.
   *
   * @throws Problem 422 if it is a target alone
   */
  PixelPurifier neededPurifier() {
    return purifier.orElseThrow(this::undefended);
  }

  private Problem undefended() {
    return Problem.of(HttpStatus.UNPROCESSABLE, "model %s has no defense".formatted(name));
  }
}

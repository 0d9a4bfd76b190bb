package io.realign.attack;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** All attacks by the name that the command line gives them. */
public final class Attacks {

  private static final Map<String, Function<AttackSettings, Attack>> BY_NAME =
      new TreeMap<>(
          Map.of(
              "fgsm", Attacks::fgsm,
              "bim", Attacks::bim,
              "pgd", set -> iterated(set, Pgd.standard(), Pgd::new),
              "pgd-kl", set -> iterated(set, PgdKl.standard(), PgdKl::new),
              "margin", set -> iterated(set, Margin.standard(), Margin::new)));

  private Attacks() {}

  /** The names, sorted. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * The attack of that name, with its defaults where {@code settings} says nothing.
   *
   * @throws IllegalArgumentException for an unknown name or a constant out of range
   */
  public static Attack named(String name, AttackSettings settings) {
    Function<AttackSettings, Attack> make = BY_NAME.get(name);
    if (make == null) {
      throw new IllegalArgumentException(
          "unknown attack '" + name + "': one of " + String.join(", ", names()));
    }
    return make.apply(settings);
  }

  private static Attack fgsm(AttackSettings set) {
    Fgsm base = Fgsm.standard();
    return new Fgsm(set.norm(base.norm()), set.epsilon(base.epsilon()));
  }

  private static Attack bim(AttackSettings set) {
    Bim base = Bim.standard();
    return new Bim( // starts at the clean image: one run
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.stepSize(base.stepSize(), base.epsilon(), base.steps()),
        set.steps(base.steps()),
        1);
  }

  private static Attack iterated(AttackSettings set, Iterated base, Constructor make) {
    return make.of(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.stepSize(base.stepSize(), base.epsilon(), base.steps()),
        set.steps(base.steps()),
        set.restarts(base.restarts()));
  }

  @FunctionalInterface
  private interface Constructor {
    Attack of(Norm norm, double epsilon, double stepSize, int steps, int restarts);
  }
}

package io.realign.attack;

import io.realign.task.Classification;
import io.realign.task.Detection;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** All attacks by the name that the command line gives them. */
public final class Attacks {

  private static final Map<String, Function<AttackSettings, Attack>> BY_NAME = new TreeMap<>();

  static {
    put(
        "fgsm",
        set -> new Fgsm(set.norm(Norm.LINF), set.epsilon(Fgsm.standard().epsilon()), set.draws(1)));
    put("bim", set -> bim(set, Bim.standard()));
    put("pgd", set -> iterated(set, Pgd.standard(), Pgd::new));
    put("pgd-kl", set -> iterated(set, PgdKl.standard(), PgdKl::new));
    put("margin", set -> iterated(set, Margin.standard(), Margin::new));
    for (MomentumIterative.Kind kind : MomentumIterative.Kind.values()) {
      MomentumIterative base = MomentumIterative.standard(kind);
      put(
          base.name(),
          set ->
              new MomentumIterative(
                  kind,
                  set.norm(base.norm()),
                  set.epsilon(base.epsilon()),
                  set.stepSize(base.stepSize(), base.epsilon(), base.steps()),
                  set.steps(base.steps()),
                  base.decay(),
                  set.draws(base.draws())));
    }
    for (AutoPgd.Loss loss : AutoPgd.Loss.values()) {
      AutoPgd base = AutoPgd.standard(loss);
      put(
          base.name(),
          set ->
              new AutoPgd(
                  set.norm(base.norm()),
                  set.epsilon(base.epsilon()),
                  loss,
                  set.steps(base.steps()),
                  set.restarts(base.restarts()),
                  set.draws(base.draws())));
    }
    for (DetectorStep.Part part : DetectorStep.Part.values()) {
      put(DetectorStep.standard(part).name(), set -> detectorStep(set, part));
    }
    for (PixelPgd.Kind kind : PixelPgd.Kind.values()) {
      PixelPgd base = PixelPgd.standard(kind);
      put(base.name(), set -> iterated(set, base, pixels(kind)));
    }
    put("sea", Attacks::segmentationEnsemble);
    put("seg-deepfool", Attacks::pixelDeepFool);
    put("seg-cw", Attacks::pixelCarliniWagner);
    put("dag", Attacks::denseAdversary);
    put("apgd-t", Attacks::autoPgdTargeted);
    put("fab", set -> fab(set, Fab.standard()));
    put("fab-t", set -> fab(set, Fab.targeted()));
    put("square", Attacks::square);
    put("deepfool", Attacks::deepFool);
    put("cw-l2", set -> carliniWagner(set, CarliniWagner.standard()));
    put("cw-l2-clip", set -> carliniWagner(set, CarliniWagner.released()));
    put("cw-linf", Attacks::carliniWagnerLinf);
    put("hopskipjump", Attacks::hopSkipJump);
    for (AutoAttack.Version version : AutoAttack.Version.values()) {
      AutoAttack base = AutoAttack.standard(version);
      put(
          base.name(),
          set -> new AutoAttack(set.norm(base.norm()), set.epsilon(base.epsilon()), version));
    }
  }

  private Attacks() {}

  private static void put(String name, Function<AttackSettings, Attack> make) {
    BY_NAME.put(name, make);
  }

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

  /**
   * The attack of that name on targets of a task: of {@code bim} the paper has other constants for
   * masks.
   *
   * @throws IllegalArgumentException for an unknown name or a constant out of range
   */
  public static Attack named(String name, AttackSettings settings, Task task) {
    return name.equals("bim") && task instanceof Segmentation
        ? bim(settings, Bim.ofMasks())
        : named(name, settings);
  }

  /** What targets of a task are tested with where nobody says anything, the paper's first. */
  public static List<String> usual(Task task) {
    return switch (task) {
      case Classification c -> List.of("pgd", "pgd-kl", "margin");
      case Segmentation s -> List.of("bim", "seg-js");
      case Detection d -> List.of("cls", "loc", "cls+loc");
    };
  }

  /** The names of those that suit a task, sorted. */
  public static List<String> suiting(Task task) {
    return names().stream()
        .filter(name -> named(name, AttackSettings.DEFAULTS, task).suits(task))
        .toList();
  }

  private static Attack bim(AttackSettings set, Bim base) {
    return new Bim( // starts at the clean image: one run
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.stepSize(base.stepSize(), base.epsilon(), base.steps()),
        set.steps(base.steps()),
        1,
        set.draws(base.draws()));
  }

  private static Constructor pixels(PixelPgd.Kind kind) {
    return (norm, epsilon, stepSize, steps, restarts, draws) ->
        new PixelPgd(kind, norm, epsilon, stepSize, steps, restarts, draws);
  }

  private static Attack detectorStep(AttackSettings set, DetectorStep.Part part) {
    DetectorStep base = DetectorStep.standard(part);
    Norm norm = set.norm(base.norm());
    double epsilon = set.epsilon(base.epsilon());
    int steps = set.steps(base.steps());
    double wholeWay = steps == 1 ? epsilon : 2 * epsilon / steps;
    return new DetectorStep(
        part, norm, epsilon, set.stepSize().orElse(wholeWay), steps, 1, set.draws(base.draws()));
  }

  private static Attack iterated(AttackSettings set, Iterated base, Constructor make) {
    return make.of(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.stepSize(base.stepSize(), base.epsilon(), base.steps()),
        set.steps(base.steps()),
        set.restarts(base.restarts()),
        set.draws(base.draws()));
  }

  private static Attack autoPgdTargeted(AttackSettings set) {
    AutoPgdTargeted base = AutoPgdTargeted.standard();
    return new AutoPgdTargeted(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.steps()),
        set.restarts(base.restarts()),
        base.targets(),
        set.draws(base.draws()));
  }

  private static Attack fab(AttackSettings set, Fab base) {
    return new Fab(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.steps()),
        set.restarts(base.restarts()),
        base.targets(),
        set.draws(base.draws()));
  }

  private static Attack square(AttackSettings set) {
    Square base = Square.standard();
    return new Square(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.queries()),
        set.restarts(base.restarts()),
        base.share(),
        set.draws(base.draws()),
        base.stretched());
  }

  private static Attack deepFool(AttackSettings set) {
    DeepFool base = DeepFool.standard();
    return new DeepFool(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.steps()),
        base.candidates(),
        base.overshoot(),
        set.draws(base.draws()));
  }

  private static Attack carliniWagner(AttackSettings set, CarliniWagner base) {
    set.only(Norm.L2, base.name());
    return new CarliniWagner(
        base.label(),
        set.epsilon().orElse(base.epsilon()),
        base.searches(),
        set.steps(base.steps()),
        set.stepSize().orElse(base.stepSize()),
        base.constant(),
        base.confidence(),
        set.draws(base.draws()));
  }

  private static Attack carliniWagnerLinf(AttackSettings set) {
    CarliniWagnerLinf base = CarliniWagnerLinf.standard();
    set.only(Norm.LINF, base.name());
    return new CarliniWagnerLinf(
        set.epsilon().orElse(base.epsilon()),
        base.rounds(),
        set.steps(base.steps()),
        set.stepSize().orElse(base.stepSize()),
        base.constant(),
        base.decay(),
        set.draws(base.draws()));
  }

  private static Attack segmentationEnsemble(AttackSettings set) {
    SegmentationEnsemble base = SegmentationEnsemble.standard();
    return new SegmentationEnsemble(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.steps()),
        set.draws(base.draws()));
  }

  private static Attack pixelDeepFool(AttackSettings set) {
    PixelDeepFool base = PixelDeepFool.standard();
    return new PixelDeepFool(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.steps()),
        base.overshoot(),
        set.draws(base.draws()));
  }

  private static Attack pixelCarliniWagner(AttackSettings set) {
    PixelCarliniWagner base = PixelCarliniWagner.standard();
    return new PixelCarliniWagner(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.steps(base.steps()),
        set.stepSize().orElse(base.stepSize()),
        base.constant(),
        set.draws(base.draws()));
  }

  private static Attack denseAdversary(AttackSettings set) {
    DenseAdversary base = DenseAdversary.standard();
    return new DenseAdversary(
        set.norm(base.norm()),
        set.epsilon(base.epsilon()),
        set.stepSize().orElse(base.stepSize()),
        set.steps(base.steps()),
        set.draws(base.draws()));
  }

  private static Attack hopSkipJump(AttackSettings set) {
    HopSkipJump base = HopSkipJump.standard();
    Norm norm = set.norm(base.norm());
    return new HopSkipJump(
        norm,
        set.epsilon().orElse(norm == Norm.L2 ? base.epsilon() : 8 / 255.0),
        set.steps(base.steps()),
        base.firstQueries(),
        base.mostQueries());
  }

  @FunctionalInterface
  private interface Constructor {
    Attack of(Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws);
  }
}

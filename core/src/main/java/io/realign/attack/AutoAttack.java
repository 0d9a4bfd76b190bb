package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * AutoAttack (Croce and Hein, 2020, arXiv 2003.01690): several attacks one after the other, each on
 * the images that the target still gets right.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param version which attacks
 */
public record AutoAttack(Norm norm, double epsilon, Version version) implements Attack {

  /** The ensembles of the published code. */
  public enum Version {
    /** APGD-CE, targeted APGD-DLR, targeted FAB, Square: the one that leaderboards state. */
    STANDARD,
    /**
     * APGD-CE and APGD-DLR with five runs each, FAB with five, Square, targeted APGD-DLR and FAB.
     */
    PLUS,
    /** For randomised targets: APGD-CE and APGD-DLR with 20 draws at each point. */
    RAND
  }

  /** Checks the radius. */
  public AutoAttack {
    new Ball(norm, epsilon);
  }

  /** L∞, ε 8/255. */
  public static AutoAttack standard(Version version) {
    return new AutoAttack(Norm.LINF, 8 / 255.0, version);
  }

  @Override
  public String name() {
    return version == Version.STANDARD
        ? "autoattack"
        : "autoattack-" + version.name().toLowerCase(Locale.ROOT);
  }

  /** The attacks in their order. */
  public List<Attack> attacks() {
    AutoPgdTargeted targeted = new AutoPgdTargeted(norm, epsilon, 100, 1, 9, 1);
    Fab targetedFab = new Fab(norm, epsilon, 100, 1, 9, 1);
    Square square = new Square(norm, epsilon, 5000, 1, .8, 1, false);
    return switch (version) {
      case STANDARD -> List.of(apgd(AutoPgd.Loss.CE, 1, 1), targeted, targetedFab, square);
      case PLUS ->
          List.of(
              apgd(AutoPgd.Loss.CE, 5, 1),
              apgd(AutoPgd.Loss.DLR, 5, 1),
              new Fab(norm, epsilon, 100, 5, 0, 1),
              square,
              targeted,
              targetedFab);
      case RAND -> List.of(apgd(AutoPgd.Loss.CE, 1, 20), apgd(AutoPgd.Loss.DLR, 1, 20));
    };
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("version", version.name().toLowerCase(Locale.ROOT));
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, 1, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      for (Attack attack : attacks()) {
        if (survivors.none()) {
          break;
        }
        try (Scope each = Scope.open()) {
          Tensor mine = survivors.labels();
          Tensor found =
              attack.perturb(target, survivors.images(), mine, seed.child(attack.name()));
          boolean[] right = Survivors.right(oracle.logits(found, 0), mine);
          boolean[] fooled = new boolean[right.length];
          for (int i = 0; i < right.length; i++) {
            fooled[i] = !right[i];
          }
          survivors.leave(found, fooled);
        }
      }
      return scope.keep(survivors.attacked());
    }
  }

  private AutoPgd apgd(AutoPgd.Loss loss, int restarts, int draws) {
    return new AutoPgd(norm, epsilon, loss, 100, restarts, draws);
  }
}

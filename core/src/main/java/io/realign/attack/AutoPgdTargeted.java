package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Auto-PGD on the targeted difference of logits ratio (Croce and Hein, 2020, arXiv 2003.01690): one
 * run towards each of the likeliest other classes, on the images that are still right.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param steps number of steps of a run
 * @param restarts runs towards each class
 * @param targets classes that are tried; with K classes at most K − 1
 * @param draws times a randomised target is asked at each point
 */
public record AutoPgdTargeted(
    Norm norm, double epsilon, int steps, int restarts, int targets, int draws) implements Attack {

  /** Checks the constants. */
  public AutoPgdTargeted {
    Constants.check(norm, epsilon, steps, restarts, draws);
    Constants.positive("targets", targets);
  }

  /** As in AutoAttack: L∞, ε 8/255, 100 steps, one run towards each of nine classes. */
  public static AutoPgdTargeted standard() {
    return new AutoPgdTargeted(Norm.LINF, 8 / 255.0, 100, 1, 9, 1);
  }

  @Override
  public String name() {
    return "apgd-t";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("restarts", restarts);
    values.put("targets", targets);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    AutoPgdRun run = new AutoPgdRun(new Ball(norm, epsilon), steps);
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      int tried = Math.min(targets, target.classes() - 1);
      for (int rank = 1; rank <= tried; rank++) {
        for (int restart = 0; restart < restarts && !survivors.none(); restart++) {
          try (Scope each = Scope.open()) {
            Tensor wanted = ranked(oracle.logits(survivors.images(), -1), rank);
            run.run(
                oracle,
                new TargetedDlrObjective(survivors.labels(), wanted),
                survivors,
                seed.child(rank).child(restart));
          }
        }
      }
      return scope.keep(survivors.attacked());
    }
  }

  /** The class on place {@code rank} of each image, 0 for the likeliest: {@code [N]}. */
  static Tensor ranked(Tensor logits, int rank) {
    return logits.sort(1, true).get1().select(1, rank).clone();
  }
}

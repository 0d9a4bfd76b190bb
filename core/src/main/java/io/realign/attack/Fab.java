package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The fast adaptive boundary attack (Croce and Hein, 2020, arXiv 1907.02044): the smallest change
 * that fools, which counts if it is within the ball. The first run starts at the image, the others
 * at random points half a radius away.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param steps number of steps of a run
 * @param restarts runs, each on the images that are still right
 * @param targets 0: towards the nearest boundary, which costs a gradient for each class and step;
 *     else runs towards each of that many of the likeliest other classes ({@code fab-t})
 * @param draws times a randomised target is asked at each point
 */
public record Fab(Norm norm, double epsilon, int steps, int restarts, int targets, int draws)
    implements Attack {

  /** Checks the constants. */
  public Fab {
    Constants.check(norm, epsilon, steps, restarts, draws);
    if (targets < 0) {
      throw new IllegalArgumentException("targets must not be negative: " + targets);
    }
  }

  /** As in AutoAttack plus: L∞, ε 8/255, 100 steps, 5 runs. */
  public static Fab standard() {
    return new Fab(Norm.LINF, 8 / 255.0, 100, 5, 0, 1);
  }

  /** As in AutoAttack: L∞, ε 8/255, 100 steps, one run towards each of nine classes. */
  public static Fab targeted() {
    return new Fab(Norm.LINF, 8 / 255.0, 100, 1, 9, 1);
  }

  @Override
  public String name() {
    return targets == 0 ? "fab" : "fab-t";
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
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      int classes = Math.min(targets, target.classes() - 1);
      for (int rank = targets == 0 ? 0 : 1; rank <= classes; rank++) {
        for (int restart = 0; restart < restarts && !survivors.none(); restart++) {
          run(oracle, survivors, rank, restart, seed.child(rank).child(restart));
        }
      }
      return scope.keep(survivors.attacked());
    }
  }

  private void run(Oracle oracle, Survivors survivors, int rank, int restart, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor clean = survivors.images();
      Optional<Tensor> wanted =
          rank == 0
              ? Optional.empty()
              : Optional.of(AutoPgdTargeted.ranked(oracle.logits(clean, -1), rank));
      FabRun.Found found =
          new FabRun(norm, steps, epsilon)
              .run(
                  oracle,
                  clean,
                  survivors.labels(),
                  wanted,
                  restart == 0 ? Optional.empty() : Optional.of(epsilon),
                  seed);
      double[] distances = found.distances();
      boolean[] inside = new boolean[distances.length];
      for (int i = 0; i < inside.length; i++) {
        inside[i] = distances[i] <= epsilon;
      }
      survivors.leave(found.images(), inside);
    }
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Classification;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Auto-PGD (Croce and Hein, 2020, arXiv 2003.01690): PGD that chooses its own steps.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param loss what is climbed
 * @param steps number of steps
 * @param restarts runs from new starts, each on the images that are still right
 * @param draws times a randomised target is asked at each point
 */
public record AutoPgd(Norm norm, double epsilon, Loss loss, int steps, int restarts, int draws)
    implements Attack {

  /** What Auto-PGD climbs. */
  public enum Loss {
    /** Cross-entropy, the mean over the pixels of a mask. */
    CE,
    /** The difference of logits ratio. */
    DLR
  }

  /** Checks the constants. */
  public AutoPgd {
    Constants.check(norm, epsilon, steps, restarts, draws);
  }

  /** As in AutoAttack: L∞, ε 8/255, 100 steps, one run. */
  public static AutoPgd standard(Loss loss) {
    return new AutoPgd(Norm.LINF, 8 / 255.0, loss, 100, 1, 1);
  }

  @Override
  public String name() {
    return "apgd-" + loss.name().toLowerCase(Locale.ROOT);
  }

  /** The ratio of differences knows no pixels; see {@link SegmentationEnsemble}. */
  @Override
  public boolean suits(Task task) {
    return task instanceof Classification || (task instanceof Segmentation && loss == Loss.CE);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("restarts", restarts);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    AutoPgdRun run = new AutoPgdRun(new Ball(norm, epsilon), steps);
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      for (int restart = 0; restart < restarts && !survivors.none(); restart++) {
        try (Scope each = Scope.open()) {
          Tensor mine = survivors.labels();
          Objective objective =
              switch (loss) {
                case CE -> new LossObjective(target.task(), mine);
                case DLR -> new DlrObjective(mine);
              };
          run.run(oracle, objective, survivors, seed.child(restart));
        }
      }
      return scope.keep(survivors.attacked());
    }
  }
}

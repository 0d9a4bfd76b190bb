package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The segmentation ensemble attack (Croce, Singh and Hein, 2024, arXiv 2306.12941): Auto-PGD on
 * three values, each within balls that shrink to the one that counts; every image keeps the point
 * with the most wrong pixels.
 *
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param steps for each of the three values
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record SegmentationEnsemble(Norm norm, double epsilon, int steps, int draws)
    implements Attack {

  private static final List<PixelObjective.Kind> CLIMBED =
      List.of(
          PixelObjective.Kind.MASKED,
          PixelObjective.Kind.BALANCED,
          PixelObjective.Kind.JENSEN_SHANNON);

  /**
   * One of the balls.
   *
   * @param radius in units of ε
   * @param share of the steps
   */
  private record Stage(double radius, double share) {}

  private static final List<Stage> STAGES =
      List.of(new Stage(2, .3), new Stage(1.5, .3), new Stage(1, .4));

  /** Checks the constants. */
  public SegmentationEnsemble {
    Constants.check(norm, epsilon, steps, 1, draws);
    if (steps < STAGES.size()) {
      throw new IllegalArgumentException(
          "sea takes at least %d steps, not %d".formatted(STAGES.size(), steps));
    }
  }

  /** At the paper's radius for segmentation, ε .03; 100 steps each where SEA's authors take 300. */
  public static SegmentationEnsemble standard() {
    return new SegmentationEnsemble(Norm.LINF, .03, 100, 1);
  }

  @Override
  public String name() {
    return "sea";
  }

  @Override
  public boolean suits(Task task) {
    return task instanceof Segmentation;
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Survivors survivors = Survivors.of(oracle, images, labels);
      for (PixelObjective.Kind kind : CLIMBED) {
        if (!survivors.none()) {
          climb(oracle, survivors, kind, seed.child(kind.name()));
        }
      }
      return scope.keep(survivors.attacked());
    }
  }

  private void climb(Oracle oracle, Survivors survivors, PixelObjective.Kind kind, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor clean = survivors.images();
      Tensor labels = survivors.labels();
      Objective objective = new PixelObjective(kind, labels, 0);
      Tensor x = new AutoPgdRun(ball(STAGES.getFirst()), 1).start(clean, seed);
      float[] wrong = new float[survivors.count()];
      for (Stage stage : STAGES) {
        boolean counts = stage == STAGES.getLast();
        Ball ball = ball(stage);
        int here = Math.max(1, (int) Math.round(stage.share * steps));
        AutoPgdRun.Found found =
            new AutoPgdRun(ball, here)
                .run(
                    oracle,
                    objective,
                    clean,
                    labels,
                    ball.project(x, clean),
                    counts ? survivors.wrong() : wrong);
        x = found.images();
        if (counts) {
          survivors.worsen(x, found.wrong());
        }
      }
    }
  }

  private Ball ball(Stage stage) {
    return new Ball(norm, stage.radius * epsilon);
  }
}

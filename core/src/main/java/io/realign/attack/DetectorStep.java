package io.realign.attack;

import io.realign.task.Detection;
import io.realign.task.Outputs;
import io.realign.task.Task;
import org.bytedeco.pytorch.Tensor;

/**
 * Steps along the sign of the gradient of a detector's loss, or of one of its two parts (Zhang and
 * Wang, 2019, arXiv 1907.10310, as the paper tests with): one step of the whole radius by default,
 * projected gradient descent with more.
 *
 * @param part of the loss
 * @param norm how distance is measured
 * @param epsilon radius of the ball, in units of the [0,1] range
 * @param stepSize length of a step, likewise
 * @param steps number of steps
 * @param restarts 1: it starts at the clean image, and each run would be the same
 * @param draws times a randomised target is asked at each point (EOT)
 */
public record DetectorStep(
    Part part, Norm norm, double epsilon, double stepSize, int steps, int restarts, int draws)
    implements Iterated {

  /** What is climbed. */
  public enum Part {
    /** The classification loss. */
    CLASSIFICATION("cls"),
    /** The localisation loss. */
    LOCALISATION("loc"),
    /** Their sum. */
    BOTH("cls+loc");

    private final String word;

    Part(String word) {
      this.word = word;
    }
  }

  /** Checks the constants. */
  public DetectorStep {
    Iterated.check(norm, epsilon, stepSize, steps, restarts, draws);
    if (restarts > 1) {
      throw new IllegalArgumentException(
          part.word + " starts at the clean image: restarts would repeat it, take pgd");
    }
  }

  /** The paper's: one step of 8/255 in L∞. */
  public static DetectorStep standard(Part part) {
    return new DetectorStep(part, Norm.LINF, 8 / 255.0, 8 / 255.0, 1, 1, 1);
  }

  @Override
  public String name() {
    return part.word;
  }

  @Override
  public boolean suits(Task task) {
    return task instanceof Detection;
  }

  @Override
  public GradientAscent.Start start() {
    return GradientAscent.Start.CLEAN;
  }

  @Override
  public Objective.Factory objective() {
    return (task, clean, labels) -> new PartObjective((Detection) task, part, labels);
  }

  private record PartObjective(Detection task, Part part, Tensor labels) implements Objective {

    @Override
    public Tensor of(Outputs outputs) {
      Detection.Losses losses = task.parts(outputs, labels);
      return switch (part) {
        case CLASSIFICATION -> losses.classification();
        case LOCALISATION -> losses.localisation();
        case BOTH -> losses.classification().add(losses.localisation());
      };
    }

    @Override
    public Objective rows(Tensor rows) {
      return new PartObjective(task, part, labels.index_select(0, rows));
    }
  }
}

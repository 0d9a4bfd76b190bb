package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Classification;
import io.realign.task.Detection;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Dense adversary generation (Xie et al., 2017, arXiv 1703.08603, algorithm 1): every pixel or
 * every prior that answers for an object gets a wrong class, drawn once; each step climbs the sum
 * of z_wrong − z_true over those that are still right, scaled to the step's length in L∞. The
 * published attack has no bound; here every point is clipped to the ball.
 *
 * @param norm how the ball is measured
 * @param epsilon its radius, in units of the [0,1] range
 * @param stepSize γ, the largest change of a value in a step
 * @param steps largest number of steps
 * @param draws times a randomised target is asked at each point
 */
public record DenseAdversary(Norm norm, double epsilon, double stepSize, int steps, int draws)
    implements Attack {

  private static final double TINY = 1e-12;

  /** Checks the constants. */
  public DenseAdversary {
    Constants.check(norm, epsilon, steps, 1, draws);
    Constants.positive("step size", stepSize);
  }

  /** As published, γ .5/255 and 150 steps, in the paper's ball for detection: L∞, ε 8/255. */
  public static DenseAdversary standard() {
    return new DenseAdversary(Norm.LINF, 8 / 255.0, .5 / 255, 150, 1);
  }

  @Override
  public String name() {
    return "dag";
  }

  @Override
  public boolean suits(Task task) {
    return !(task instanceof Classification);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("step_size", stepSize);
    values.put("steps", steps);
    values.put("draws", draws);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    Ball ball = new Ball(norm, epsilon);
    try (Scope scope = Scope.open()) {
      Tensor own = answers(target.task(), labels); // [N,R]
      Tensor wanted = others(own, classes(target), first(target.task()), seed);
      Gap gap = new Gap(target.task(), own, wanted);
      Tensor x = images.detach().clone(); // written in place
      for (int step = 0; step < steps; step++) {
        try (Scope each = Scope.open()) {
          Oracle.Point point = oracle.at(x, gap, step);
          Tensor size = Ops.max(point.gradient().abs().flatten(1, -1), 1); // [N]
          if (size.max().item_double() == 0) { // no answer is right any more
            break;
          }
          Tensor move = point.gradient().div(size.clamp_min(new Scalar(TINY)).view(-1, 1, 1, 1));
          x.copy_(ball.project(x.add(Ops.scale(move, stepSize)), images));
        }
      }
      return scope.keep(x);
    }
  }

  /** The true class of each answer as an index of its logits, −1 where it does not matter. */
  private static Tensor answers(Task task, Tensor labels) {
    return switch (task) {
      case Segmentation s -> labels.flatten(1, -1);
      case Detection d -> d.answers(labels);
      case Classification c -> throw new IllegalArgumentException("dag attacks dense outputs");
    };
  }

  /** The first index that is a class. */
  private static int first(Task task) {
    return task instanceof Detection ? 1 : 0; // behind the background
  }

  private static int classes(Target target) {
    return target.classes() + first(target.task());
  }

  /** A wrong class for each answer, uniform over the others; background where there are none. */
  private static Tensor others(Tensor own, int classes, int first, Seed seed) {
    long[] labels = Ops.toLongs(own);
    SplittableRandom random = seed.child("wanted").random();
    long[] wanted = new long[labels.length];
    for (int i = 0; i < labels.length; i++) {
      if (classes - first == 1) { // of a detector, one kind of object or none
        wanted[i] = 0;
        continue;
      }
      long drawn = first + random.nextInt(classes - first - 1);
      wanted[i] = labels[i] >= 0 && drawn >= labels[i] ? drawn + 1 : drawn;
    }
    return Ops.longs(wanted, wanted.length)
        .view(own.size(0), own.size(1))
        .to(own.device(), torch.ScalarType.Long);
  }

  /**
   * Σ z_wrong − z_true over the answers that are still right.
   *
   * @param own {@code [N,R]}
   * @param wanted {@code [N,R]}
   */
  private record Gap(Task task, Tensor own, Tensor wanted) implements Objective {

    @Override
    public Tensor of(Outputs outputs) {
      Tensor z = // [N,R,K]
          task instanceof Segmentation
              ? outputs.logits().flatten(2, -1).transpose(1, 2)
              : outputs.logits();
      Tensor active = z.argmax(new LongOptional(2), false).eq(own).to(z.scalar_type());
      Tensor there = own.clamp_min(new Scalar(0)).unsqueeze(2);
      Tensor gap = z.gather(2, wanted.unsqueeze(2)).sub(z.gather(2, there)).squeeze(2);
      return gap.mul(active).sum(1);
    }

    @Override
    public Objective rows(Tensor rows) {
      return new Gap(task, own.index_select(0, rows), wanted.index_select(0, rows));
    }
  }
}

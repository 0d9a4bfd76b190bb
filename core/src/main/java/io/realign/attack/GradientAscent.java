package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * The one loop of all gradient attacks: start, then climb and project.
 *
 * @param ball where the result must lie
 * @param alpha length of a step, in units of the [0,1] range
 * @param steps number of steps
 * @param restarts number of runs from new starts, of which each image keeps its worst
 * @param draws times a randomised target is asked at each point
 * @param start the first point
 * @param objective what is climbed
 * @param direction what the steps follow
 */
record GradientAscent(
    Ball ball,
    double alpha,
    int steps,
    int restarts,
    int draws,
    Start start,
    Objective.Factory objective,
    Direction.Factory direction) {

  /** The first point of a run. */
  enum Start {
    /** The clean image. */
    CLEAN,
    /** x + 0.001·N(0,1), as TRADES starts: KL has no gradient at the clean image. */
    NEAR,
    /** Uniform in the ball. */
    UNIFORM
  }

  Tensor run(Target target, Tensor images, Tensor labels, Seed seed) {
    try (Scope scope = Scope.open()) {
      Objective climbed;
      try (NoGradGuard guard = new NoGradGuard()) {
        climbed =
            objective.of(target.task(), () -> drawn(target, seed, -1).forward(images), labels);
      }
      Tensor worst = climb(target, images, climbed, seed.child(0));
      for (int restart = 1; restart < restarts; restart++) {
        worst =
            worse(
                target,
                labels,
                climbed,
                worst,
                climb(target, images, climbed, seed.child(restart)),
                seed);
      }
      return scope.keep(worst);
    }
  }

  private Tensor climb(Target target, Tensor images, Objective climbed, Seed seed) {
    Oracle oracle = new Oracle(target, draws, seed.child("target"));
    Tensor x = first(images, seed).clone(); // [N,3,H,W], written in place
    Region region = Region.of(ball, images);
    Direction way = direction.of(x);
    for (int step = 0; step < steps; step++) {
      try (Scope scope = Scope.open()) {
        Tensor gradient = oracle.at(x, climbed.at((double) step / steps), step).gradient();
        region.hold(x.add_(ball.step(way.of(gradient), alpha)));
      }
    }
    return x;
  }

  /** A randomised target is asked with draws of its own. */
  private static Target drawn(Target target, Seed seed, long when) {
    return target.randomised() ? target.drawn(seed.child("target").child(when)) : target;
  }

  Tensor first(Tensor images, Seed seed) {
    return switch (start) {
      case CLEAN -> images.detach();
      case NEAR ->
          ball.project(
              images.add(
                  seed.normal(0.001, Ops.shape(images)).to(images.device(), images.scalar_type())),
              images);
      case UNIFORM -> ball.sample(images, seed);
    };
  }

  /**
   * Of two attacks on the same images, the one that fools or, if both or neither do, climbs higher;
   * image by image.
   */
  private static Tensor worse(
      Target target, Tensor labels, Objective climbed, Tensor a, Tensor b, Seed seed) {
    Target asked = drawn(target, seed, -2);
    try (NoGradGuard guard = new NoGradGuard()) {
      Task task = target.task();
      Tensor better =
          rank(task, asked.forward(b), labels, climbed)
              .gt(rank(task, asked.forward(a), labels, climbed));
      return b.where(better.view(-1, 1, 1, 1), a);
    }
  }

  private static Tensor rank(Task task, Outputs outputs, Tensor labels, Objective climbed) {
    return climbed.of(outputs).add(Ops.scale(task.wrong(outputs, labels), 1e6));
  }
}

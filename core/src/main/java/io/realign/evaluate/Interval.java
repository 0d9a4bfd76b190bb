package io.realign.evaluate;

import io.realign.task.Judgement;
import io.realign.task.Task;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A 95 % interval: Wilson's of a proportion, or the bootstrap's of another metric (Efron, 1979):
 * the middle 95 % of the metric over sets of as many images, drawn from the images with
 * replacement.
 */
public record Interval(double low, double high) {

  private static final double Z = 1.959963984540054;
  private static final int DRAWS = 200;
  private static final double TAIL = .025;

  /** The interval of a task's metric. */
  public static Interval of(Task task, List<Judgement> images) {
    if (images.stream().allMatch(Judgement.Answer.class::isInstance)) {
      return wilson(images.stream().filter(image -> image.value() == 1).count(), images.size());
    }
    SplittableRandom random = Seed.of(0).child("bootstrap").random();
    double[] scores = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      List<Judgement> drawn = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        drawn.add(images.get(random.nextInt(images.size())));
      }
      scores[draw] = task.score(drawn);
    }
    Arrays.sort(scores);
    int cut = (int) Math.round(TAIL * DRAWS);
    double value = task.score(images); // which it holds, however few the images
    return new Interval(Math.min(value, scores[cut]), Math.max(value, scores[DRAWS - 1 - cut]));
  }

  /** The interval for {@code hits} of {@code n}. */
  public static Interval wilson(long hits, long n) {
    if (n < 1 || hits < 0 || hits > n) {
      throw new IllegalArgumentException(hits + " of " + n + " is no proportion");
    }
    double p = (double) hits / n;
    double scale = 1 + Z * Z / n;
    double centre = (p + Z * Z / (2 * n)) / scale;
    double half = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4.0 * n * n)) / scale;
    return new Interval(Math.max(0, centre - half), Math.min(1, centre + half));
  }
}

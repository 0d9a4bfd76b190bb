package io.realign.attack;

import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.torch.ImageGradients;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * {@link GradientAscent} on images that the attacked net itself will be asked about: an image keeps
 * the first point that fools it and leaves, one that is wrong from the start stays as it is. What
 * nothing fools ends where the plain loop ends. For a target without random choices: of another one
 * a single answer says little, and it goes through the plain loop.
 */
final class EagerAscent {

  private static final int WASTE = 8; // images are dropped when an eighth is fooled

  private final GradientAscent ascent;
  private final Target target;
  private final Tensor images;
  private final Tensor labels;
  private final Seed seed;
  private final Tensor found; // written in place
  private final boolean[] right;
  private final Objective climbed;

  private EagerAscent(
      GradientAscent ascent, Target target, Tensor images, Tensor labels, Seed seed) {
    this.ascent = ascent;
    this.target = target;
    this.images = images;
    this.labels = labels;
    this.seed = seed;
    Outputs clean;
    try (NoGradGuard guard = new NoGradGuard()) {
      clean = target.forward(images);
    }
    climbed = ascent.objective().of(target.task(), () -> clean, labels);
    right = right(clean, labels);
    found = images.detach().clone();
  }

  static Tensor run(GradientAscent ascent, Target target, Tensor images, Tensor labels, Seed seed) {
    if (target.randomised()) {
      return ascent.run(target, images, labels, seed);
    }
    try (Scope scope = Scope.open()) {
      EagerAscent run = new EagerAscent(ascent, target, images, labels, seed);
      for (int restart = 0; restart < ascent.restarts(); restart++) {
        try (Scope each = Scope.open()) {
          run.climb(restart);
        }
      }
      return scope.keep(run.found);
    }
  }

  private void climb(int restart) {
    long[] rows = Ops.indices(right);
    if (rows.length == 0) {
      return;
    }
    boolean asksLast = restart < ascent.restarts() - 1; // who is fooled by the last point is right
    Seed draws = seed.child(restart);
    Tensor x = ascent.first(images, draws); // of the whole batch: drawn as in the plain loop
    Tensor start = x.index_select(0, Ops.rows(rows, images));
    Rows batch = new Rows(rows, start, ascent.direction().of(start));
    int left = rows.length;
    for (int step = 0; step < ascent.steps(); step++) {
      if (left * WASTE <= batch.rows.length * (WASTE - 1)) {
        batch = batch.remaining();
      }
      try (Scope scope = Scope.open();
          ImageGradients open = ImageGradients.open()) {
        Tensor leaf = Ops.leaf(batch.x);
        Outputs outputs = target.forward(leaf);
        left = note(batch, outputs);
        if (left == 0) {
          return;
        }
        Tensor gradient =
            open.gradient(
                batch.climbed.at((double) step / ascent.steps()).of(outputs).sum(), leaf, false);
        Tensor way = batch.direction.of(gradient);
        batch.region.hold(batch.x.add_(ascent.ball().step(way, ascent.alpha())));
      }
    }
    if (asksLast) {
      try (NoGradGuard guard = new NoGradGuard()) {
        note(batch, target.forward(batch.x));
      }
    }
    Rows end = batch.remaining();
    if (end.rows.length > 0) {
      found.index_copy_(0, Ops.rows(end.rows, images), end.x);
    }
  }

  /** Which images have an answer left that is right. */
  private boolean[] right(Outputs outputs, Tensor truth) {
    float[] wrong = Ops.toFloats(target.task().wrong(outputs, truth));
    boolean[] right = new boolean[wrong.length];
    for (int i = 0; i < right.length; i++) {
      right[i] = wrong[i] < 1;
    }
    return right;
  }

  /** Writes down the points that fool for the first time; says how many rows are still right. */
  private int note(Rows batch, Outputs outputs) {
    boolean[] now = right(outputs, batch.labels);
    long[] fooled =
        IntStream.range(0, now.length)
            .filter(i -> !now[i] && right[(int) batch.rows[i]])
            .asLongStream()
            .toArray();
    if (fooled.length > 0) {
      long[] places = new long[fooled.length];
      for (int i = 0; i < fooled.length; i++) {
        places[i] = batch.rows[(int) fooled[i]];
        right[(int) places[i]] = false;
      }
      found.index_copy_(
          0, Ops.rows(places, images), batch.x.index_select(0, Ops.rows(fooled, images)));
    }
    int left = 0;
    for (long row : batch.rows) {
      left += right[(int) row] ? 1 : 0;
    }
    return left;
  }

  /** Some images of the batch, and how far they are. */
  private final class Rows {
    private final long[] rows; // their places in the batch
    private final Tensor x; // written in place
    private final Direction direction;
    private final Region region;
    private final Tensor labels;
    private final Objective climbed;

    Rows(long[] rows, Tensor x, Direction direction) {
      Tensor places = Ops.rows(rows, images);
      this.rows = rows;
      this.x = x;
      this.direction = direction;
      this.region = Region.of(ascent.ball(), images.index_select(0, places));
      this.labels = EagerAscent.this.labels.index_select(0, places);
      this.climbed = EagerAscent.this.climbed.rows(places);
    }

    /** Those that are not fooled. */
    Rows remaining() {
      long[] here =
          IntStream.range(0, rows.length)
              .filter(i -> right[(int) rows[i]])
              .asLongStream()
              .toArray();
      long[] places = new long[here.length];
      for (int i = 0; i < here.length; i++) {
        places[i] = rows[(int) here[i]];
      }
      Tensor index = Ops.rows(here, images);
      return new Rows(places, x.index_select(0, index), direction.rows(index));
    }
  }
}

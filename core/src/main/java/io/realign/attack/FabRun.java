package io.realign.attack;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One run of the fast adaptive boundary attack (Croce and Hein, 2020, arXiv 1907.02044, algorithm
 * 1): steps onto the linearised decision boundary, biased towards the clean image; past the
 * boundary the point is pulled back. It looks for the smallest change, without a budget.
 *
 * @param norm what is made small
 * @param steps number of steps
 * @param enough an image whose change is at most this leaves; 0 to go on to the end
 */
record FabRun(Norm norm, int steps, double enough) {

  private static final double BIAS = .1; // α_max
  private static final double OVERSHOOT = 1.05; // η
  private static final double PULL = .9; // β
  private static final double START = .5; // share of the radius that a random start takes
  private static final int WASTE = 4; // images are dropped when a quarter has left

  /**
   * What a run found.
   *
   * @param images the nearest that fools; the clean one where none does
   * @param distances of those; infinite where none fools
   */
  record Found(Tensor images, double[] distances) {}

  /**
   * Runs on images that the target gets right.
   *
   * @param wanted the class that each image is led to, {@code [N]}; empty for any
   * @param radius of a random start; empty to start at the image
   */
  Found run(
      Oracle oracle,
      Tensor images,
      Tensor labels,
      Optional<Tensor> wanted,
      Optional<Double> radius,
      Seed seed) {
    int n = (int) images.size(0);
    Tensor found = images.detach().clone(); // written in place
    double[] distances = new double[n];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    try (Scope scope = Scope.open()) {
      int[] rows = IntStream.range(0, n).toArray();
      Tensor clean = images;
      Tensor mine = labels;
      Optional<Tensor> to = wanted;
      Tensor x = start(images, radius, seed);
      for (int step = 0; step < steps; step++) {
        int[] active = active(rows, distances);
        if (active.length == 0) {
          break;
        }
        if (active.length * WASTE <= rows.length * (WASTE - 1)) {
          Tensor index = index(active, images);
          clean = clean.index_select(0, index);
          mine = mine.index_select(0, index);
          to = to.map(t -> t.index_select(0, index));
          x = x.index_select(0, index);
          int[] all = rows;
          rows = Arrays.stream(active).map(i -> all[i]).toArray();
        } else if (step == 0) {
          x = x.clone(); // written in place from here on
        }
        try (Scope each = Scope.open()) {
          advance(oracle, x, clean, mine, to, step);
          note(oracle, x, clean, mine, rows, found, distances, step);
        }
      }
    }
    return new Found(found, distances);
  }

  private int[] active(int[] rows, double[] distances) {
    return IntStream.range(0, rows.length).filter(i -> distances[rows[i]] > enough).toArray();
  }

  private Tensor start(Tensor images, Optional<Double> radius, Seed seed) {
    if (radius.isEmpty()) {
      return images.detach().clone();
    }
    long[] shape = Ops.shape(images);
    Tensor noise =
        switch (norm) {
          case LINF -> seed.uniform(-1, 1, shape);
          case L2 -> seed.normal(1, shape);
        };
    Tensor placed = noise.to(images.device(), images.scalar_type());
    Tensor edge = placed.div(column(length(placed.flatten(1, -1), 1e-12)));
    return Ops.clamp(images.add(Ops.scale(edge, START * radius.get())), 0, 1);
  }

  /** One step of x, in place. */
  private void advance(
      Oracle oracle, Tensor x, Tensor clean, Tensor labels, Optional<Tensor> wanted, int step) {
    Boundary boundary = boundary(oracle, x, labels, wanted, step);
    Tensor w = boundary.normal;
    Tensor flat = x.flatten(1, -1);
    Tensor b = w.mul(flat).sum(1).sub(boundary.difference); // the plane w·x = b
    Tensor d1 = BoxProjection.of(norm, flat, w, b);
    Tensor d2 = BoxProjection.of(norm, clean.flatten(1, -1), w, b);
    Tensor a1 = length(d1, 1e-8);
    Tensor a2 = length(d2, 1e-8);
    Tensor alpha = column(a1.div(a1.add(a2)).clamp_max(new Scalar(BIAS)));
    Tensor near = x.add(Ops.scale(d1.view_as(x), OVERSHOOT));
    Tensor home = clean.add(Ops.scale(d2.view_as(x), OVERSHOOT));
    x.copy_(Ops.clamp(near.add(alpha.mul(home.sub(near))), 0, 1));
  }

  /** Writes down what fools with a smaller change than before, and pulls it back. */
  private void note(
      Oracle oracle,
      Tensor x,
      Tensor clean,
      Tensor labels,
      int[] rows,
      Tensor found,
      double[] distances,
      int step) {
    boolean[] right = Survivors.right(oracle.logits(x, -2L - step), labels);
    float[] away = Ops.toFloats(new Ball(norm, 1).distances(x, clean));
    int[] nearer =
        IntStream.range(0, rows.length)
            .filter(i -> !right[i] && away[i] < distances[rows[i]])
            .toArray();
    if (nearer.length > 0) {
      int[] places = Arrays.stream(nearer).map(i -> rows[i]).toArray();
      found.index_copy_(0, index(places, x), x.index_select(0, index(nearer, x)));
      for (int i : nearer) {
        distances[rows[i]] = away[i];
      }
    }
    float[] pull = new float[rows.length];
    for (int i = 0; i < pull.length; i++) {
      pull[i] = right[i] ? 1 : (float) PULL;
    }
    Tensor factor = Ops.floats(pull, pull.length, 1, 1, 1).to(x.device(), x.scalar_type());
    x.copy_(clean.add(x.sub(clean).mul(factor)));
  }

  /** The nearest linearised boundary: how far the other class's logit leads, and its gradient. */
  private record Boundary(Tensor difference, Tensor normal) {}

  private Boundary boundary(
      Oracle oracle, Tensor x, Tensor labels, Optional<Tensor> wanted, int step) {
    Tensor own = labels.unsqueeze(1);
    if (wanted.isPresent()) {
      Tensor other = wanted.get().unsqueeze(1);
      List<Tensor> answer =
          oracle.gradients(
              x, 1, (z, i) -> z.gather(1, other).sub(z.gather(1, own)).squeeze(1), step);
      Tensor z = answer.get(0);
      return new Boundary(
          z.gather(1, other).sub(z.gather(1, own)).squeeze(1), answer.get(1).flatten(1, -1));
    }
    int classes = oracle.target().classes();
    List<Tensor> answer = oracle.gradients(x, classes, (z, k) -> z.select(1, k), step);
    Tensor z = answer.get(0);
    Tensor gradients =
        org.bytedeco.pytorch.global.torch.stack(
            new org.bytedeco.pytorch.TensorVector(
                answer.subList(1, classes + 1).stream()
                    .map(g -> g.flatten(1, -1))
                    .toArray(Tensor[]::new)),
            1); // [N,K,D]
    Tensor pick = own.unsqueeze(2).expand(new long[] {-1, -1, gradients.size(2)});
    Tensor normals = gradients.sub(gradients.gather(1, pick));
    Tensor differences = z.sub(z.gather(1, own)); // [N,K]
    Tensor dual =
        switch (norm) {
          case LINF -> normals.abs().sum(2);
          case L2 -> normals.mul(normals).sum(2).sqrt();
        };
    Tensor away =
        differences
            .abs()
            .div(Ops.shift(dual, 1e-12))
            .add(Ops.scale(Ops.oneHot(labels, classes), 1e10));
    Tensor nearest = away.argmin(new LongOptional(1), true); // [N,1]
    Tensor chosen = nearest.unsqueeze(2).expand(new long[] {-1, -1, gradients.size(2)});
    return new Boundary(
        differences.gather(1, nearest).squeeze(1), normals.gather(1, chosen).squeeze(1));
  }

  private Tensor length(Tensor flat, double least) {
    Tensor length =
        switch (norm) {
          case LINF -> Ops.max(flat.abs(), 1);
          case L2 -> flat.mul(flat).sum(1).sqrt();
        };
    return length.clamp_min(new Scalar(least));
  }

  private static Tensor column(Tensor values) {
    return values.view(-1, 1, 1, 1);
  }

  private static Tensor index(int[] rows, Tensor like) {
    long[] values = Arrays.stream(rows).asLongStream().toArray();
    return Ops.rows(values, like);
  }
}

package io.realign.attack;

import io.realign.target.Target;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * HopSkipJump (Chen et al., 2020, arXiv 1904.02144): sees the target's decisions alone. From a
 * noisy image that fools it comes down to the boundary, estimates its normal there from decisions
 * on nearby images, jumps along it, and comes down again.
 *
 * <p>It looks for the smallest change. What is further away than ε is brought into the ball, and
 * may then no longer fool.
 *
 * @param norm what is made small
 * @param epsilon radius of the ball that the result is brought into
 * @param steps jumps
 * @param firstQueries questions for the first normal; the k-th asks √k times as many
 * @param mostQueries the most questions for a normal
 */
public record HopSkipJump(Norm norm, double epsilon, int steps, int firstQueries, int mostQueries)
    implements Attack {

  private static final int STARTS = 1000; // noisy images that are tried
  private static final int STARTS_AT_ONCE = 50;
  private static final double[] MIXTURES = {1, .7, .5, .35, .25, .18, .12, .09, .06}; // of noise
  private static final int HALVINGS = 30;
  private static final double FURTHER = 1.001; // times the distance

  /** Checks the constants. */
  public HopSkipJump {
    Constants.check(norm, epsilon, steps, 1, 1);
    Constants.positive("first queries", firstQueries);
    if (mostQueries < firstQueries) {
      throw new IllegalArgumentException(
          "the most queries must be at least the first " + firstQueries + ", not " + mostQueries);
    }
  }

  /** As published: L2, ε .5, 64 jumps, 100 to 10,000 questions each. */
  public static HopSkipJump standard() {
    return new HopSkipJump(Norm.L2, AttackSettings.L2_EPSILON, 64, 100, 10_000);
  }

  @Override
  public String name() {
    return "hopskipjump";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(Constants.of(norm, epsilon));
    values.put("steps", steps);
    values.put("first_queries", firstQueries);
    values.put("most_queries", mostQueries);
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    try (Scope scope = Scope.open()) {
      Tensor nearest = nearest(target, images, labels, seed);
      return scope.keep(new Ball(norm, epsilon).project(nearest, images));
    }
  }

  /** The images past the boundary, before they are brought into the ball: within [0,1]. */
  Tensor nearest(Target target, Tensor images, Tensor labels, Seed seed) {
    Oracle oracle = new Oracle(target, 1, seed.child("target"));
    try (Scope scope = Scope.open()) {
      Tensor found = images.detach().clone(); // written in place
      boolean[] right = Survivors.right(oracle.logits(images, -1), labels);
      for (int i = 0; i < right.length; i++) {
        if (right[i]) {
          try (Scope each = Scope.open()) {
            Walk walk =
                new Walk(oracle, images.narrow(0, i, 1), labels.narrow(0, i, 1), seed.child(i));
            walk.run().ifPresent(found.narrow(0, i, 1)::copy_);
          }
        }
      }
      return scope.keep(found);
    }
  }

  /** The walk of one image. */
  private final class Walk {
    private final Oracle oracle;
    private final Tensor clean; // [1,3,H,W]
    private final Tensor label; // [1]
    private final Seed seed;
    private final double dimensions;
    private long asked;

    Walk(Oracle oracle, Tensor clean, Tensor label, Seed seed) {
      this.oracle = oracle;
      this.clean = clean;
      this.label = label;
      this.seed = seed;
      this.dimensions = clean.numel();
    }

    Optional<Tensor> run() {
      Optional<Tensor> start = start();
      if (start.isEmpty()) {
        return start;
      }
      Tensor x = toBoundary(start.get()).clone(); // written in place
      for (int step = 0; step < steps; step++) {
        try (Scope scope = Scope.open()) {
          double away = new Ball(norm, 1).distances(x, clean).item_double();
          Tensor normal = normal(x, step, away);
          x.copy_(toBoundary(jump(x, normal, away / Math.sqrt(step + 1.0))));
        }
      }
      return Optional.of(beyond(x));
    }

    /** A little further out: at the boundary itself the rounding of another batch would decide. */
    private Tensor beyond(Tensor x) {
      Tensor further = Ops.clamp(clean.add(Ops.scale(x.sub(clean), FURTHER)), 0, 1);
      return fools(further)[0] ? further : x;
    }

    /**
     * An image of uniform noise that fools, or a mixture of one with the clean image: much noise
     * may look like the true class where a little does not.
     */
    private Optional<Tensor> start() {
      for (int batch = 0; batch < STARTS / STARTS_AT_ONCE; batch++) {
        long[] shape = Ops.shape(clean);
        shape[0] = STARTS_AT_ONCE;
        Tensor noise =
            seed.child("start")
                .child(batch)
                .uniform(0, 1, shape)
                .to(clean.device(), clean.scalar_type());
        for (double share : MIXTURES) {
          Tensor mixed = clean.add(Ops.scale(noise.sub(clean), share));
          boolean[] fools = fools(mixed);
          for (int i = 0; i < fools.length; i++) {
            if (fools[i]) {
              return Optional.of(mixed.narrow(0, i, 1));
            }
          }
        }
      }
      return Optional.empty();
    }

    /** The point nearest to the clean image on the way from it to {@code x} that still fools. */
    private Tensor toBoundary(Tensor x) {
      double low = 0;
      double high =
          switch (norm) {
            case L2 -> 1;
            case LINF -> new Ball(Norm.LINF, 1).distances(x, clean).item_double();
          };
      double enough = // the published thresholds
          switch (norm) {
            case L2 -> 1 / (dimensions * Math.sqrt(dimensions));
            case LINF -> Math.min(high, 1) / (dimensions * dimensions);
          };
      for (int i = 0; i < HALVINGS && high - low > enough; i++) {
        double middle = (low + high) / 2;
        try (Scope scope = Scope.open()) {
          if (fools(between(x, middle))[0]) {
            high = middle;
          } else {
            low = middle;
          }
        }
      }
      return between(x, high);
    }

    /** A share of the way in L2, a cut to a distance in L∞. */
    private Tensor between(Tensor x, double share) {
      Tensor away = x.sub(clean);
      return switch (norm) {
        case L2 -> clean.add(Ops.scale(away, share));
        case LINF -> clean.add(Ops.clamp(away, -share, share));
      };
    }

    /** The direction in which fooling lies, estimated at a point on the boundary. */
    private Tensor normal(Tensor x, int step, double away) {
      int queries = (int) Math.min(firstQueries * Math.sqrt(step + 1.0), mostQueries);
      double delta =
          step == 0 ? .1 : away / dimensions; // √d·θ·‖δ‖ in L2, d·θ·‖δ‖ in L∞, θ as in toBoundary
      long[] shape = Ops.shape(x);
      shape[0] = queries;
      Seed draws = seed.child("normal").child(step);
      Tensor noise =
          (switch (norm) {
                case L2 -> draws.normal(1, shape);
                case LINF -> draws.uniform(-1, 1, shape);
              })
              .to(x.device(), x.scalar_type());
      Tensor length = noise.mul(noise).flatten(1, -1).sum(1).sqrt().view(-1, 1, 1, 1);
      Tensor moved = Ops.clamp(x.add(Ops.scale(noise.div(length), delta)), 0, 1);
      Tensor way = Ops.scale(moved.sub(x), 1 / delta);
      boolean[] fools = fools(moved);
      float[] votes = new float[fools.length];
      double mean = 0;
      for (int i = 0; i < votes.length; i++) {
        votes[i] = fools[i] ? 1 : -1;
        mean += votes[i] / votes.length;
      }
      boolean agreed = Math.abs(mean) == 1;
      for (int i = 0; i < votes.length; i++) {
        votes[i] -= agreed ? 0 : (float) mean;
      }
      Tensor weight = Ops.floats(votes, votes.length, 1, 1, 1).to(x.device(), x.scalar_type());
      Tensor sum = way.mul(weight).sum(0).unsqueeze(0);
      Tensor size = sum.mul(sum).sum().sqrt().clamp_min(new Scalar(1e-12));
      return switch (norm) {
        case L2 -> sum.div(size);
        case LINF -> sum.sign();
      };
    }

    /** A jump along the normal, halved until it fools. */
    private Tensor jump(Tensor x, Tensor normal, double first) {
      double length = first;
      for (int i = 0; i < HALVINGS; i++) {
        Tensor moved = Ops.clamp(x.add(Ops.scale(normal, length)), 0, 1);
        if (fools(moved)[0]) {
          return moved;
        }
        length /= 2;
      }
      return x;
    }

    private boolean[] fools(Tensor images) {
      boolean[] right =
          Survivors.right(
              oracle.logits(images, asked++), label.expand(new long[] {images.size(0)}));
      boolean[] fools = new boolean[right.length];
      for (int i = 0; i < right.length; i++) {
        fools[i] = !right[i];
      }
      return fools;
    }
  }
}

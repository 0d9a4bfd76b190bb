package io.realign.attack;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The smallest change that brings a point of the box [0,1]ᵈ onto a hyperplane without leaving the
 * box; where the box does not reach the plane, the change that comes nearest.
 *
 * <p>Each coordinate can move {@code c_i} towards the plane before it meets the box. Both norms ask
 * for a λ with Σ a_i·min(λ, r_i) = gap: in L∞ a_i = |w_i| and r_i = c_i, in L2 a_i = w_i² and r_i =
 * c_i/|w_i|. The left side is piecewise linear in λ, so sorting r finds it.
 */
final class BoxProjection {

  private static final double SMALL = 1e-8; // weights below this cannot be divided by

  private BoxProjection() {}

  /**
   * The changes d of the points with w·(x + d) = b.
   *
   * @param points x {@code [N,D]} in [0,1]
   * @param normals w {@code [N,D]}
   * @param offsets b {@code [N]}
   * @return d {@code [N,D]}
   */
  static Tensor of(Norm norm, Tensor points, Tensor normals, Tensor offsets) {
    Tensor missing = offsets.sub(normals.mul(points).sum(1)); // how far w·x must rise
    Tensor towards = normals.sign().mul(missing.sign().unsqueeze(1)); // the way of each coordinate
    Tensor gap = missing.abs();
    Tensor size = normals.abs();
    Tensor up = towards.gt(new Scalar(0.0));
    Tensor room = Ops.affine(points, -1, 1).where(up, points); // c
    Tensor usable = size.gt(new Scalar(SMALL));
    Tensor weight =
        switch (norm) {
          case LINF -> size;
          case L2 -> size.mul(size);
        };
    Tensor reach =
        switch (norm) {
          case LINF -> room;
          case L2 -> room.div(size.clamp_min(new Scalar(SMALL)));
        };
    Tensor slope = weight.mul(usable); // a
    Tensor lambda = solve(slope, reach, gap).unsqueeze(1);
    Tensor moved =
        switch (norm) {
          case LINF -> lambda.minimum(room);
          case L2 -> lambda.mul(size).minimum(room);
        };
    return moved.mul(towards).mul(usable);
  }

  /** λ with Σ a_i·min(λ, r_i) = gap, or the largest r where that is out of reach: {@code [N]}. */
  private static Tensor solve(Tensor slope, Tensor reach, Tensor gap) {
    var sorted = reach.sort(1, false);
    Tensor r = sorted.get0();
    Tensor a = slope.gather(1, sorted.get1());
    Tensor spent = a.mul(r).cumsum(1); // Σ_{j≤k} a_j r_j
    Tensor rest = a.sum(1).unsqueeze(1).sub(a.cumsum(1)).clamp_min(new Scalar(0.0)); // Σ_{j>k} a_j
    Tensor gained = spent.add(r.mul(rest)); // the left side at λ = r_k
    long last = r.size(1) - 1;
    Tensor below = gained.lt(gap.unsqueeze(1)).sum(1); // how many r_k are too small
    Tensor k =
        below.clamp(new ScalarOptional(new Scalar(0L)), new ScalarOptional(new Scalar(last)));
    Tensor at = k.unsqueeze(1);
    Tensor before = spent.gather(1, at).sub(a.mul(r).gather(1, at)).squeeze(1); // Σ_{j<k} a_j r_j
    Tensor open = rest.gather(1, at).add(a.gather(1, at)).squeeze(1); // Σ_{j≥k} a_j
    Tensor lambda =
        gap.sub(before).div(open.clamp_min(new Scalar(1e-30))).clamp_min(new Scalar(0.0));
    return lambda.minimum(r.gather(1, at).squeeze(1));
  }
}

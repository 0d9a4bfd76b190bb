package io.realign.attack;

import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The smallest change that brings a point of the box [0,1]ᵈ onto a hyperplane without leaving the
 * box; where the box does not reach the plane, the change that comes nearest.
 *
 * <p>Each coordinate can move {@code c_i} towards the plane before it meets the box. Both norms ask
 * for a λ with Σ a_i·min(λ, r_i) = gap: in L∞ a_i = |w_i| and r_i = c_i, in L2 a_i = w_i² and r_i =
 * c_i/|w_i|. The left side is concave and piecewise linear in λ: Newton's steps from below rise to
 * the solution and meet it after a few pieces, sooner than sorting r would find it.
 */
final class BoxProjection {

  private static final double SMALL = 1e-8; // weights below this cannot be divided by
  private static final double TINY = 1e-30;
  private static final double TOLERANCE = 2e-6; // of the gap, as fp32 sums it
  private static final int PIECES = 60;

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

  /**
   * λ with Σ a_i·min(λ, r_i) = gap, or one beyond all r where that is out of reach: {@code [N]}.
   */
  private static Tensor solve(Tensor slope, Tensor reach, Tensor gap) {
    Tensor enough = Ops.scale(gap, 1 - TOLERANCE);
    Tensor lambda = gap.div(slope.sum(1).clamp_min(new Scalar(TINY))); // no r_i holds anything back
    for (int piece = 0; piece < PIECES; piece++) {
      Tensor column = lambda.unsqueeze(1);
      Tensor gained = reach.minimum(column).mul_(slope).sum(1);
      Tensor open = reach.gt(column).mul(slope).sum(1); // what still gives way
      Tensor behind = gained.lt(enough).logical_and(open.gt(new Scalar(TINY)));
      if (!behind.any().item_bool()) {
        break;
      }
      Tensor step = gap.sub(gained).div(open.clamp_min(new Scalar(TINY)));
      lambda = lambda.add(step.mul(behind));
    }
    return lambda;
  }
}

package io.realign.attack;

import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The points that the square attack asks about; all images of a question share their square. */
sealed interface SquareProposals {

  /** The first point of each image. */
  Tensor first(Tensor clean, Seed seed);

  /**
   * The next point of each image.
   *
   * @param x the best so far
   * @param share of the pixels that a square covers
   */
  Tensor next(Tensor x, Tensor clean, double share, Seed seed);

  /** Values ±1, drawn independently. */
  private static Tensor signs(Seed seed, Tensor like, long... shape) {
    return seed.uniform(-1, 1, shape).sign().to(like.device(), like.scalar_type());
  }

  /** The side of a square that covers {@code share} of the pixels. */
  private static int side(double share, long height, long width, int least) {
    int side = Math.max((int) Math.round(Math.sqrt(share * height * width)), least);
    return (int) Math.min(side, Math.min(height, width));
  }

  /** The window of rows and columns of {@code x} from {@code top} and {@code left}: a view. */
  private static Tensor window(Tensor x, int top, int left, int side) {
    return x.narrow(2, top, side).narrow(3, left, side);
  }

  /** Vertical stripes of ±ε first, then squares of ±2ε in each channel, projected. */
  record Linf(double epsilon) implements SquareProposals {
    @Override
    public Tensor first(Tensor clean, Seed seed) {
      Tensor stripes = signs(seed, clean, clean.size(0), clean.size(1), 1, clean.size(3));
      return Ops.clamp(clean.add(Ops.scale(stripes, epsilon)), 0, 1);
    }

    @Override
    public Tensor next(Tensor x, Tensor clean, double share, Seed seed) {
      SplittableRandom random = seed.random();
      int side = side(share, x.size(2), x.size(3), 1);
      int top = random.nextInt((int) x.size(2) - side + 1);
      int left = random.nextInt((int) x.size(3) - side + 1);
      Tensor change = signs(seed.child("signs"), x, 1, x.size(1), 1, 1);
      Tensor moved = x.clone();
      Tensor square = window(moved, top, left, side); // what lies outside stays where it may be
      square.add_(Ops.scale(change, 2 * epsilon));
      Region.of(new Ball(Norm.LINF, epsilon), window(clean, top, left, side)).hold(square);
      return moved;
    }
  }

  /** Bumps that share the radius; a new one takes its budget from another window. */
  record L2(double epsilon) implements SquareProposals {

    private static final int FIRST_GRID = 5;
    private static final double TINY = 1e-12;

    @Override
    public Tensor first(Tensor clean, Seed seed) {
      int height = (int) clean.size(2);
      int width = (int) clean.size(3);
      int side = Math.max(1, Math.min(height, width) / FIRST_GRID);
      Tensor delta = clean.clone().zero_();
      int index = 0;
      int topMargin = (height - height / side * side) / 2;
      int leftMargin = (width - width / side * side) / 2;
      for (int top = topMargin; top + side <= height; top += side) {
        for (int left = leftMargin; left + side <= width; left += side) {
          Seed draws = seed.child(index++);
          Tensor sign = signs(draws, clean, clean.size(0), clean.size(1), 1, 1);
          window(delta, top, left, side).copy_(bump(side, draws, clean).mul(sign));
        }
      }
      return Ops.clamp(clean.add(Ops.scale(unit(delta), epsilon)), 0, 1);
    }

    @Override
    public Tensor next(Tensor x, Tensor clean, double share, Seed seed) {
      SplittableRandom random = seed.random();
      int height = (int) x.size(2);
      int width = (int) x.size(3);
      int side = side(share, height, width, 3);
      side = Math.min(side % 2 == 0 ? side + 1 : side, Math.min(height, width));
      int top = random.nextInt(height - side + 1);
      int left = random.nextInt(width - side + 1);
      int otherTop = random.nextInt(height - side + 1);
      int otherLeft = random.nextInt(width - side + 1);
      Tensor delta = x.sub(clean);
      Tensor mask = delta.slice(0, new LongOptional(0), new LongOptional(1), 1).clone().zero_();
      window(mask, top, left, side).fill_(new Scalar(1.0));
      window(mask, otherTop, otherLeft, side).fill_(new Scalar(1.0));
      Tensor inWindows = squares(delta.mul(mask)); // [N,C,1,1]
      Tensor spare =
          Ops.affine(squares(delta).sum(new long[] {1}, true, none()), -1, epsilon * epsilon)
              .clamp_min(new Scalar(0.0)); // [N,1,1,1]
      Tensor budget = Ops.scale(spare, 1.0 / x.size(1)).add(inWindows).sqrt();
      Tensor old = window(delta, top, left, side);
      Tensor kept = old.div(Ops.shift(squares(old).sqrt(), TINY));
      Tensor sign = signs(seed.child("signs"), x, x.size(0), x.size(1), 1, 1);
      Tensor fresh = bump(side, seed, x).mul(sign).add(kept);
      Tensor sized = fresh.div(Ops.shift(squares(fresh).sqrt(), TINY)).mul(budget);
      window(delta, otherTop, otherLeft, side).zero_();
      window(delta, top, left, side).copy_(sized);
      return Ops.clamp(clean.add(Ops.scale(unit(delta), epsilon)), 0, 1);
    }

    /** Σ of squares over height and width: {@code [N,C,1,1]}. */
    private static Tensor squares(Tensor x) {
      return x.mul(x).sum(new long[] {2, 3}, true, none());
    }

    private static org.bytedeco.pytorch.ScalarTypeOptional none() {
      return new org.bytedeco.pytorch.ScalarTypeOptional();
    }

    private static Tensor unit(Tensor delta) {
      Tensor length = squares(delta).sum(new long[] {1}, true, none()).sqrt();
      return delta.div(Ops.shift(length, TINY));
    }

    /** Two opposite pyramids, one above or beside the other, of length 1: {@code [1,1,s,s]}. */
    private static Tensor bump(int side, Seed seed, Tensor like) {
      float[] values = new float[side * side];
      int half = side / 2;
      pyramid(values, side, 0, half, 1);
      pyramid(values, side, half, side - half, -1);
      Tensor bump = Ops.floats(values, 1, 1, side, side).to(like.device(), like.scalar_type());
      Tensor length = squares(bump).sqrt();
      Tensor whole = bump.div(length);
      return seed.child("turn").random().nextBoolean() ? whole.transpose(2, 3) : whole;
    }

    /** Adds nested rectangles of falling weight, and brings the part to length 1. */
    private static void pyramid(float[] values, int side, int top, int rows, int sign) {
      if (rows == 0) {
        return;
      }
      double[] part = new double[rows * side];
      int middleRow = rows / 2;
      int middleColumn = side / 2;
      int rings = Math.max(rows / 2 + 1, side / 2 + 1);
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < side; c++) {
          int ring = Math.max(Math.abs(r - middleRow), Math.abs(c - middleColumn));
          for (int k = ring; k < rings; k++) {
            part[r * side + c] += 1.0 / ((k + 1.0) * (k + 1.0));
          }
          sum += part[r * side + c] * part[r * side + c];
        }
      }
      for (int i = 0; i < part.length; i++) {
        values[top * side + i] = (float) (sign * part[i] / Math.sqrt(sum));
      }
    }
  }
}

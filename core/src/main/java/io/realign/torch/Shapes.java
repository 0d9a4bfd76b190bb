package io.realign.torch;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The operators of nets that compute nothing: they cut, put together and lay out. As {@link Ops},
 * they leave their arguments as they are; what they give may share their memory.
 */
public final class Shapes {

  private Shapes() {}

  /** All tensors side by side along dimension {@code dim}. */
  public static Tensor concatenate(List<Tensor> parts, int dim) {
    Tensor[] all = parts.toArray(Tensor[]::new);
    return Recording.step(
        new Operator.Concatenate(dim), torch.cat(new TensorVector(all), dim), all);
  }

  /** {@code [N,…]} to {@code [N,rest]}. */
  public static Tensor flatten(Tensor x) {
    return Recording.step(new Operator.Flatten(), x.flatten(1, -1), x);
  }

  /** {@code [N,C]} to {@code [N,C,1,1]}. */
  public static Tensor asMap(Tensor x) {
    return Recording.step(new Operator.AsMap(), x.unsqueeze(2).unsqueeze(3), x);
  }

  /** {@code [N,A·values,H,W]} to {@code [N,H·W·A,values]}: what a detector's heads say by prior. */
  public static Tensor placesToRows(Tensor map, int values) {
    return Recording.step(
        new Operator.PlacesToRows(values),
        map.permute(0, 2, 3, 1).reshape(map.size(0), -1, values),
        map);
  }

  /** {@code [N,V,P]} to {@code [N,P,V]}. */
  public static Tensor columnsToRows(Tensor x) {
    return Recording.step(new Operator.ColumnsToRows(), x.transpose(1, 2), x);
  }

  /** {@code [N,P,V]} to {@code [N,P,1+V]}: a 0 before the values of each row. */
  public static Tensor zeroFirst(Tensor x) {
    return Recording.step(new Operator.ZeroFirst(), torch.constant_pad_nd(x, 1, 0), x);
  }

  /** Those of {@code indices} along dimension {@code dim}, in that order. */
  public static Tensor select(Tensor x, int dim, long... indices) {
    return Recording.step(
        new Operator.Select(dim, Arrays.stream(indices).boxed().toList()),
        x.index_select(dim, Ops.rows(indices, x)),
        x);
  }

  /** Channels of zeros before and after those of {@code x} {@code [N,C,H,W]}. */
  public static Tensor padChannels(Tensor x, int before, int after) {
    return Recording.step(
        new Operator.PadChannels(before, after),
        torch.constant_pad_nd(x, 0, 0, 0, 0, before, after),
        x);
  }

  /** {@code [N,C,1,1]} repeated to the height and width of {@code like}. */
  public static Tensor spreadLike(Tensor x, Tensor like) {
    return Recording.step(
        new Operator.SpreadLike(),
        x.expand(new long[] {-1, -1, like.size(2), like.size(3)}),
        x,
        like);
  }

  /** Cut at the right and the bottom to the height and width of {@code like}. */
  public static Tensor cutLike(Tensor x, Tensor like) {
    boolean fits = x.size(2) == like.size(2) && x.size(3) == like.size(3);
    return Recording.step(
        new Operator.CutLike(),
        fits ? Recording.untouched(x) : x.narrow(2, 0, like.size(2)).narrow(3, 0, like.size(3)),
        x,
        like);
  }

  /** Mirrored at the right and the bottom, edge not repeated, until both sides are multiples. */
  public static Tensor mirrorToMultiple(Tensor x, int multiple) {
    long right = missing(x.size(3), multiple);
    long down = missing(x.size(2), multiple);
    return Recording.step(
        new Operator.MirrorToMultiple(multiple),
        right == 0 && down == 0
            ? Recording.untouched(x)
            : torch.reflection_pad2d(x, 0, right, 0, down),
        x);
  }

  private static long missing(long size, int multiple) {
    return (multiple - size % multiple) % multiple;
  }

  /** Squares of {@code side²} pixels to one place: {@code [N,C·side²,H/side,W/side]}. */
  public static Tensor squaresToChannels(Tensor x, int side) {
    return side == 1
        ? x
        : Recording.step(
            new Operator.SquaresToChannels(Math.toIntExact(x.size(1)), side),
            torch.pixel_unshuffle(x, side),
            x);
  }

  /** The reverse: {@code [N,C/side²,H·side,W·side]}. */
  public static Tensor channelsToSquares(Tensor x, int side) {
    return side == 1
        ? x
        : Recording.step(new Operator.ChannelsToSquares(side), torch.pixel_shuffle(x, side), x);
  }
}

package io.realign.torch;

import java.util.List;

/**
 * What one step of a {@link Program} computes: its tensors are inputs, everything else is here.
 *
 * <p>x is the first input. Images and maps are {@code [N,C,H,W]}. No operator depends on N, H or W
 * but through the shapes of its inputs, so that a program recorded of one image holds for a batch
 * of images of another size.
 */
public sealed interface Operator {

  /** Convolution of x, weight and perhaps bias; see {@link Convolutions#conv2d}. */
  record Convolution(int stride, Padding padding, int dilation, int groups) implements Operator {}

  /** Zeros on both sides of rows and of columns. */
  record Padding(int height, int width) {}

  /**
   * Convolution of x, weight and bias to {@code ⌈H/stride⌉}; see {@link Convolutions#conv2dSame}.
   */
  record SameConvolution(int kernel, int stride, int dilation, int groups) implements Operator {}

  /** Transposed convolution of x, weight and perhaps bias. */
  record TransposedConvolution(int stride, int padding, int outputPadding) implements Operator {}

  /** {@code x·weightᵀ + bias}. */
  record Linear() implements Operator {}

  /** {@code x + y}, of one shape or broadcast. */
  record Add() implements Operator {}

  /** {@code x·y}, of one shape or broadcast. */
  record Multiply() implements Operator {}

  /** {@code x·factor}. */
  record Scale(double factor) implements Operator {}

  /** {@code x + summand}. */
  record Shift(double summand) implements Operator {}

  /** x with every value held within [low, high]. */
  record Clamp(double low, double high) implements Operator {}

  /** {@code max(x, 0)}. */
  record Relu() implements Operator {}

  /** The hyperbolic tangent. */
  record Tanh() implements Operator {}

  /** Each channel of each image to mean 0, variance 1. */
  record InstanceNorm(int channels, double epsilon) implements Operator {}

  /** x by the length of each place's channels, or by {@code least} if that is more. */
  record UnitChannels(double least) implements Operator {}

  /** Average pooling. */
  record AveragePool(int kernel, int stride, int padding, boolean countPadding)
      implements Operator {}

  /** The largest of each square; {@code upwards} keeps a rest at the right and lower edge. */
  record MaxPool(int kernel, int stride, int padding, boolean upwards) implements Operator {}

  /** The mean of each of {@code side × side} parts of a map. */
  record PartMeans(int side) implements Operator {}

  /** The mean of each map: {@code [N,C]}. */
  record MapMeans() implements Operator {}

  /** Bilinear, to {@code height × width}; corners are not aligned. */
  record Resize(int height, int width) implements Operator {}

  /** Bilinear, to the height and width of the second input. */
  record ResizeLike(boolean aligned) implements Operator {}

  /** Mirrored on all four sides, without repeating the edge. */
  record MirrorPad(int width) implements Operator {}

  /** Mirrored at the right and the bottom until both sides are multiples. */
  record MirrorToMultiple(int multiple) implements Operator {}

  /** Cut at the right and the bottom to the height and width of the second input. */
  record CutLike() implements Operator {}

  /** {@code [N,C,1,1]} repeated to the height and width of the second input. */
  record SpreadLike() implements Operator {}

  /** Channels of zeros before and after. */
  record PadChannels(int before, int after) implements Operator {}

  /** Squares of {@code side²} pixels to one place: {@code [N,C·side²,H/side,W/side]}. */
  record SquaresToChannels(int channels, int side) implements Operator {}

  /** The reverse: {@code [N,C/side²,H·side,W·side]}. */
  record ChannelsToSquares(int side) implements Operator {}

  /** All inputs side by side along {@code dim}. */
  record Concatenate(int dim) implements Operator {}

  /** {@code [N,…]} to {@code [N,rest]}. */
  record Flatten() implements Operator {}

  /** {@code [N,C]} to {@code [N,C,1,1]}. */
  record AsMap() implements Operator {}

  /** {@code [N,A·values,H,W]} to {@code [N,H·W·A,values]}. */
  record PlacesToRows(int values) implements Operator {}

  /** {@code [N,V,P]} to {@code [N,P,V]}. */
  record ColumnsToRows() implements Operator {}

  /** {@code [N,P,V]} to {@code [N,P,1+V]}: a 0 before the values of each row. */
  record ZeroFirst() implements Operator {}

  /** Those of {@code indices} along {@code dim}, in that order. */
  record Select(int dim, List<Long> indices) implements Operator {}

  /** The tensor at {@code place} in what a method of a foreign program returns for x. */
  record Called(Script script, String method, ScriptPlace place) implements Operator {}
}

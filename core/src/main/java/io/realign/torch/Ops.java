package io.realign.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The libtorch operators whose Java signatures are awkward, under plain ones.
 *
 * <p>All are pure but those that end in {@code InPlace}: the arguments stay as they are. Shapes
 * follow libtorch: images are {@code [N,C,H,W]}. What nets are made of tells a {@link Recording}
 * what it does; {@link Convolutions} and {@link Shapes} have the rest of that.
 */
public final class Ops {

  private static final long NONE = 0; // at::Reduction::None
  private static final long MEAN = 1; // at::Reduction::Mean

  private static final double EPSILON = 1e-5; // of instance norm

  /** A label that does not count. */
  public static final long NO_LABEL = -100;

  private Ops() {}

  /** {@code x·scale}. */
  public static Tensor scale(Tensor x, double scale) {
    return Recording.step(new Operator.Scale(scale), x.mul(new Scalar(scale)), x);
  }

  /** {@code x·scale + shift}. */
  public static Tensor affine(Tensor x, double scale, double shift) {
    return shift(scale(x, scale), shift);
  }

  /** {@code x + shift}. */
  public static Tensor shift(Tensor x, double shift) {
    return Recording.step(new Operator.Shift(shift), x.add(new Scalar(shift)), x);
  }

  /** {@code x + y}. */
  public static Tensor add(Tensor x, Tensor y) {
    return Recording.step(new Operator.Add(), x.add(y), x, y);
  }

  /** {@code x + y}, written over {@code x} if it may be. */
  public static Tensor addInPlace(Tensor x, Tensor y) {
    if (MatrixGradients.needs(x)) {
      return add(x, y);
    }
    return Recording.step(new Operator.Add(), x.add_(y), x, y);
  }

  /** {@code x·y}. */
  public static Tensor multiply(Tensor x, Tensor y) {
    return Recording.step(new Operator.Multiply(), x.mul(y), x, y);
  }

  /** {@code max(x, 0)}. */
  public static Tensor relu(Tensor x) {
    return Recording.step(new Operator.Relu(), torch.relu(x), x);
  }

  /** {@code max(x, 0)}, written over {@code x} if it may be. */
  public static Tensor reluInPlace(Tensor x) {
    if (MatrixGradients.needs(x)) {
      return relu(x);
    }
    torch.relu_(x); // what it returns lives no longer than x
    return Recording.step(new Operator.Relu(), x, x);
  }

  /** {@code min(max(x, 0), 6)}, written over {@code x} if it may be. */
  public static Tensor relu6InPlace(Tensor x) {
    if (MatrixGradients.needs(x)) {
      return clamp(x, 0, 6);
    }
    torch.relu6_(x); // what it returns lives no longer than x
    return Recording.step(new Operator.Clamp(0, 6), x, x);
  }

  /** The hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    return Recording.step(new Operator.Tanh(), torch.tanh(x), x);
  }

  /** The hyperbolic tangent, written over {@code x} if it may be. */
  public static Tensor tanhInPlace(Tensor x) {
    if (MatrixGradients.needs(x)) {
      return tanh(x);
    }
    torch.tanh_(x); // what it returns lives no longer than x
    return Recording.step(new Operator.Tanh(), x, x);
  }

  /** {@code x} with every value held within [low, high]. */
  public static Tensor clamp(Tensor x, double low, double high) {
    Tensor held =
        x.clamp(
            new org.bytedeco.pytorch.ScalarOptional(new Scalar(low)),
            new org.bytedeco.pytorch.ScalarOptional(new Scalar(high)));
    return Recording.step(new Operator.Clamp(low, high), held, x);
  }

  /**
   * As {@link #clamp}, for activations: its gradient is 0 at both ends, and quicker than that of
   * {@code clamp}, which is 1 there.
   */
  public static Tensor hardTanh(Tensor x, double low, double high) {
    return Recording.step(
        new Operator.Clamp(low, high), torch.hardtanh(x, new Scalar(low), new Scalar(high)), x);
  }

  /**
   * {@code x} {@code [N,C,H,W]} with the channels of a pixel side by side in memory; convolutions
   * and norms hand this order on. Values and shape stay as they are.
   */
  public static Tensor channelsLast(Tensor x) {
    return Recording.same(x.contiguous(torch.MemoryFormat.ChannelsLast), x);
  }

  /** The largest value along dimension {@code dim}, which disappears. */
  public static Tensor max(Tensor x, int dim) {
    return x.amax(new long[] {dim}, false);
  }

  /** {@code x·weightᵀ + bias}; {@code x} is {@code [N,in]}, {@code weight} {@code [out,in]}. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    MultiplyAdds.add(x, weight, () -> x.numel() / x.size(-1));
    return Recording.step(
        new Operator.Linear(), torch.linear(x, weight, optional(bias)), x, weight, bias);
  }

  /**
   * Instance norm without affine parameters: each channel of each image to mean 0, variance 1 (ε
   * 1e-5).
   */
  public static Tensor instanceNorm(Tensor x) {
    TensorOptional none = new TensorOptional();
    return Recording.step(
        new Operator.InstanceNorm(Math.toIntExact(x.size(1)), EPSILON),
        torch.instance_norm(x, none, none, none, none, true, 0.1, EPSILON, false),
        x);
  }

  /** Each place's channels brought to length 1; those shorter than {@code least} to less. */
  public static Tensor unitChannels(Tensor x, double least) {
    Tensor squares = x.mul(x).sum(1).unsqueeze(1);
    return Recording.step(
        new Operator.UnitChannels(least), x.div(squares.sqrt().clamp_min(new Scalar(least))), x);
  }

  /** Pads height and width by mirroring without repeating the edge. */
  public static Tensor reflectPad(Tensor x, int padding) {
    return Recording.step(
        new Operator.MirrorPad(padding),
        torch.pad(
            x, new long[] {padding, padding, padding, padding}, "reflect", new DoubleOptional()),
        x);
  }

  /**
   * {@code [N,C,H,W]} at another height and width, bilinear; corners are not aligned. At its own it
   * is {@code x} itself.
   */
  public static Tensor resize(Tensor x, int height, int width) {
    return Recording.step(new Operator.Resize(height, width), bilinear(x, height, width, false), x);
  }

  /** The same at the height and width of {@code like}. */
  public static Tensor resizeLike(Tensor x, Tensor like) {
    return Recording.step(
        new Operator.ResizeLike(false), bilinear(x, like.size(2), like.size(3), false), x, like);
  }

  /** The same with the centres of the corner pixels on one another, as TensorFlow's nets want. */
  public static Tensor resizeAlignedLike(Tensor x, Tensor like) {
    return Recording.step(
        new Operator.ResizeLike(true), bilinear(x, like.size(2), like.size(3), true), x, like);
  }

  private static Tensor bilinear(Tensor x, long height, long width, boolean aligned) {
    return x.size(2) == height && x.size(3) == width
        ? Recording.untouched(x)
        : torch.upsample_bilinear2d(x, new long[] {height, width}, aligned);
  }

  /**
   * Every {@code n}-th pixel of every {@code n}-th row. As pooling over one pixel: slices pass
   * gradients back through two maps of zeros.
   */
  public static Tensor everyNth(Tensor x, int n) {
    return avgPool2d(x, 1, n, 0, true);
  }

  /** Average pooling. */
  public static Tensor avgPool2d(
      Tensor x, int kernel, int stride, int padding, boolean countPadding) {
    Tensor y =
        torch.avg_pool2d(
            x,
            new long[] {kernel, kernel},
            new long[] {stride, stride},
            new long[] {padding, padding},
            false,
            countPadding,
            new LongOptional());
    return Recording.step(new Operator.AveragePool(kernel, stride, padding, countPadding), y, x);
  }

  /** The largest of each {@code kernel × kernel} square, without overlap or padding. */
  public static Tensor maxPool2d(Tensor x, int kernel) {
    return maxPool2d(x, kernel, kernel, 0, false);
  }

  /**
   * The largest of each square.
   *
   * @param upwards whether a rest at the right and lower edge makes another square
   */
  public static Tensor maxPool2d(Tensor x, int kernel, int stride, int padding, boolean upwards) {
    Tensor y =
        torch.max_pool2d(
            x,
            new long[] {kernel, kernel},
            new long[] {stride, stride},
            new long[] {padding, padding},
            new long[] {1, 1},
            upwards);
    return Recording.step(new Operator.MaxPool(kernel, stride, padding, upwards), y, x);
  }

  /** The mean of each of {@code side × side} parts of a map. */
  public static Tensor adaptiveAvgPool2d(Tensor x, int side) {
    return Recording.step(
        new Operator.PartMeans(side), torch.adaptive_avg_pool2d(x, new long[] {side, side}), x);
  }

  /** Mean over the whole map: {@code [N,C,H,W]} to {@code [N,C]}. */
  public static Tensor globalAvgPool(Tensor x) {
    return Recording.step(new Operator.MapMeans(), x.mean(new long[] {2, 3}), x);
  }

  /** {@code mean |a − b|}, a scalar. */
  public static Tensor meanAbs(Tensor a, Tensor b) {
    return torch.l1_loss(a, b);
  }

  /** Cross-entropy of {@code logits} {@code [N,K,…]} for {@code labels} {@code [N,…]}, averaged. */
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    return torch.cross_entropy(logits, labels);
  }

  /** The same for each label {@code [N,…]}, 0 where it is {@link #NO_LABEL}. */
  public static Tensor crossEntropies(Tensor logits, Tensor labels) {
    return torch.cross_entropy_loss(logits, labels, new TensorOptional(), NONE, NO_LABEL, 0);
  }

  /**
   * The same for labels of which the share {@code smoothing} is spread evenly over all classes
   * (Szegedy et al., 2016).
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels, double smoothing) {
    return torch.cross_entropy_loss(
        logits, labels, new TensorOptional(), MEAN, NO_LABEL, smoothing);
  }

  /**
   * The gradient of a scalar by {@code x} alone, zero if it does not depend on it: no {@code .grad}
   * of any weight is touched.
   *
   * @param scalar a tensor of one element
   * @param x a leaf that requires a gradient
   */
  public static Tensor gradient(Tensor scalar, Tensor x) {
    return gradients(scalar, List.of(x), false).getFirst();
  }

  /**
   * The gradients of a scalar by weights; zero for a weight that it does not depend on. No {@code
   * .grad} is touched, so threads may differentiate by the same weights at once.
   *
   * @param keepGraph whether another gradient will be taken through the same graph
   */
  public static List<Tensor> gradients(Tensor scalar, List<Tensor> weights, boolean keepGraph) {
    if (!scalar.requires_grad()) { // a step that cuts the graph lies between
      return weights.stream().map(weight -> torch.zeros_like(weight)).toList();
    }
    TensorVector by = new TensorVector(weights.toArray(Tensor[]::new));
    TensorVector found =
        torch.grad(
            new TensorVector(scalar),
            by,
            new TensorVector(),
            new BoolOptional(keepGraph),
            false,
            true);
    List<Tensor> gradients = new ArrayList<>(weights.size());
    for (int i = 0; i < weights.size(); i++) {
      Tensor gradient = found.get(i);
      // get(i) lies in the vector and dies with it: a handle of its own outlives the scope
      gradients.add(gradient.defined() ? gradient.detach() : torch.zeros_like(weights.get(i)));
    }
    return gradients;
  }

  /** A copy of {@code x} outside any graph that collects a gradient. */
  public static Tensor leaf(Tensor x) {
    return x.detach().clone().requires_grad_(true);
  }

  /** One-hot rows: labels {@code [N,…]} to fp32 {@code [N,…,K]}, zeros for {@link #NO_LABEL}. */
  public static Tensor oneHot(Tensor labels, int classes) {
    Tensor all = torch.arange(new Scalar(classes), labels.options()); // [K]
    return labels.unsqueeze(-1).eq(all).to(torch.ScalarType.Float);
  }

  /** z_y − max_{j≠y} z_j of logits {@code [N,K]}: {@code [N]}, below 0 where the label lost. */
  public static Tensor margin(Tensor logits, Tensor labels) {
    Tensor own = oneHot(labels, (int) logits.size(1)); // [N,K]
    return logits.mul(own).sum(1).sub(max(logits.sub(scale(own, 1e9)), 1));
  }

  /** Rows of a batch, where {@code like} is: to select or copy by. */
  public static Tensor rows(long[] rows, Tensor like) {
    return longs(rows, rows.length).to(like.device(), torch.ScalarType.Long);
  }

  /** The indices of the flags that are set. */
  public static long[] indices(boolean[] flags) {
    return IntStream.range(0, flags.length).filter(i -> flags[i]).asLongStream().toArray();
  }

  /** A tensor from Java floats. */
  public static Tensor floats(float[] values, long... shape) {
    try (Scope scope = Scope.open()) {
      Tensor borrowed = torch.from_blob(new FloatPointer(values), shape);
      return scope.keep(borrowed.clone());
    }
  }

  /** A tensor from Java longs. */
  public static Tensor longs(long[] values, long... shape) {
    try (Scope scope = Scope.open()) {
      Tensor borrowed =
          torch.from_blob(
              new LongPointer(values),
              shape,
              new org.bytedeco.pytorch.TensorOptions(torch.ScalarType.Long));
      return scope.keep(borrowed.clone());
    }
  }

  /** The values of a tensor of any device and float type, in row-major order. */
  public static float[] toFloats(Tensor x) {
    try (Scope scope = Scope.open()) {
      Tensor flat = x.detach().to(torch.ScalarType.Float).cpu().contiguous();
      float[] values = new float[Math.toIntExact(flat.numel())];
      flat.data_ptr_float().get(values);
      return values;
    }
  }

  /** The values of a tensor of integers, in row-major order. */
  public static long[] toLongs(Tensor x) {
    try (Scope scope = Scope.open()) {
      Tensor flat = x.detach().to(torch.ScalarType.Long).cpu().contiguous();
      long[] values = new long[Math.toIntExact(flat.numel())];
      flat.data_ptr_long().get(values);
      return values;
    }
  }

  /** The sizes of a tensor. */
  public static long[] shape(Tensor x) {
    try (Scope scope = Scope.open()) {
      long[] sizes = new long[Math.toIntExact(x.dim())];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] = x.size(i);
      }
      return sizes;
    }
  }

  private static TensorOptional optional(@Nullable Tensor tensor) {
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }
}

package io.realign.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of the weights of wide 3×3 convolutions as matrix products.
 *
 * <p>On a core without AVX-512, oneDNN's gradient of such weights reaches about half of what its
 * forward pass does; the neighbourhoods of pixels laid out as rows, a few thousand at a time, and
 * their product with the gradient of the output come close to the whole of it where channels are
 * many. To that end a convolution on this thread is cut out of the graph, as far as its weight is
 * concerned, while this is open, and the gradient by its output is asked for instead.
 *
 * <pre>{@code
 * try (MatrixGradients open = MatrixGradients.open()) {
 *   Tensor loss = ...;
 *   List<Tensor> gradients = open.gradients(loss, weights);
 * }
 * }</pre>
 */
public final class MatrixGradients implements AutoCloseable {

  private static final ThreadLocal<@Nullable MatrixGradients> OPEN = new ThreadLocal<>();

  private static final int KERNEL = 3;
  private static final long FEWEST_CHANNELS = 128; // below, writing the rows costs too much
  private static final long ROWS_AT_ONCE = 2048;

  private final @Nullable MatrixGradients outer = OPEN.get();
  private final List<Convolution> convolutions = new ArrayList<>();

  /**
   * One that was cut out: {@code [N,Cin,H,W]}, {@code [Cout,Cin,3,3]}, {@code [N,Cout,H,W]}, and
   * how often the latter had been written to.
   */
  private record Convolution(Tensor x, Tensor weight, Tensor y, long version) {

    /** Written over, the tensor stands for another place in the graph. */
    Tensor output() {
      if (y._version() != version) {
        throw new IllegalStateException("the output of a wide convolution was written over");
      }
      return y;
    }
  }

  private MatrixGradients() {}

  /** Convolutions of this thread take part from here on; an outer one pauses. */
  public static MatrixGradients open() {
    MatrixGradients opened = new MatrixGradients();
    OPEN.set(opened);
    return opened;
  }

  /**
   * The weight with which to convolve {@code x}: cut out of the graph if its gradient will be
   * computed here.
   */
  static Tensor weight(Tensor x, Tensor weight, int stride, int padding, int groups) {
    return OPEN.get() != null && gains(x, weight, stride, padding, groups)
        ? weight.detach()
        : weight;
  }

  /** Remembers {@code y}, the convolution of {@code x} with what {@link #weight} gave. */
  static void convolved(Tensor x, Tensor weight, Tensor used, Tensor y) {
    MatrixGradients open = OPEN.get();
    if (open != null && used != weight) {
      open.convolutions.add(new Convolution(x.detach(), weight, y, y._version()));
    }
  }

  /** Whether the gradient by {@code x} will be asked for here: it must not be written over. */
  static boolean needs(Tensor x) {
    MatrixGradients open = OPEN.get();
    return open != null && open.convolutions.stream().anyMatch(each -> each.y.is_same(x));
  }

  private static boolean gains(Tensor x, Tensor weight, int stride, int padding, int groups) {
    return weight.requires_grad()
        && x.requires_grad() // else nothing would lead to its output
        && stride == 1
        && padding == 1
        && groups == 1
        && weight.size(2) == KERNEL
        && weight.size(3) == KERNEL
        && Math.min(weight.size(0), weight.size(1)) >= FEWEST_CHANNELS
        && x.is_cpu()
        && x.scalar_type().intern() == torch.ScalarType.Float
        && !torch.is_autocast_enabled(torch.DeviceType.CPU)
        && torch.get_num_threads() == 1; // the product knows one core only
  }

  /**
   * As {@link Ops#gradients}, of a scalar that was computed since this was opened. Each weight may
   * have been convolved with any number of times.
   *
   * @throws IllegalStateException if what such a convolution gave was written over, as {@code
   *     relu_} does
   */
  public List<Tensor> gradients(Tensor scalar, List<Tensor> weights) {
    List<Tensor> by = new ArrayList<>(weights);
    convolutions.forEach(each -> by.add(each.output()));
    List<Tensor> found = Ops.gradients(scalar, by, false);
    List<Tensor> gradients = new ArrayList<>(found.subList(0, weights.size()));
    Map<Tensor, Integer> places = new HashMap<>();
    for (int i = 0; i < weights.size(); i++) {
      places.put(weights.get(i), i);
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < convolutions.size(); i++) {
        Convolution each = convolutions.get(i);
        Integer place = places.get(each.weight);
        if (place != null) {
          Tensor gradient = byWeight(each.x, found.get(weights.size() + i));
          gradients.set(place, gradients.get(place).add(gradient));
        }
      }
    }
    return gradients;
  }

  /**
   * {@code [Cout,Cin,3,3]} of the input and the gradient by the output. A few images at a time:
   * their rows stay in the processor's cache.
   */
  private static Tensor byWeight(Tensor x, Tensor byOutput) {
    try (Scope scope = Scope.open()) {
      long images = x.size(0);
      long inputs = x.size(1);
      long outputs = byOutput.size(1);
      long height = x.size(2);
      long width = x.size(3);
      Tensor padded = // [N,H+2,W+2,Cin]
          torch
              .constant_pad_nd(x.permute(0, 2, 3, 1), new long[] {0, 0, 1, 1, 1, 1}, new Scalar(0))
              .contiguous();
      Tensor byRows = byOutput.permute(0, 2, 3, 1).reshape(images, height * width, outputs);
      long row = (width + KERNEL - 1) * inputs;
      long image = (height + KERNEL - 1) * row;
      long[] strides = {image, row, inputs, row, 1};
      long most = Math.clamp(ROWS_AT_ONCE / (height * width), 1, images);
      Tensor rows = // [images at once, H, W, 3, 3·Cin]
          torch.empty(
              new long[] {most, height, width, KERNEL, KERNEL * inputs},
              x.options(),
              new MemoryFormatOptional());
      Tensor sum = torch.zeros(new long[] {outputs, KERNEL * KERNEL * inputs}, x.options());
      for (long first = 0; first < images; first += most) {
        try (Scope each = Scope.open()) {
          long count = Math.min(most, images - first);
          long[] shape = {count, height, width, KERNEL, KERNEL * inputs};
          Tensor neighbourhoods = rows.narrow(0, 0, count);
          neighbourhoods.copy_(padded.as_strided(shape, strides, new LongOptional(first * image)));
          sum.addmm_(
              byRows.narrow(0, first, count).reshape(count * height * width, outputs).t(),
              neighbourhoods.view(count * height * width, KERNEL * KERNEL * inputs));
        }
      }
      return scope.keep(sum.view(outputs, KERNEL, KERNEL, inputs).permute(0, 3, 1, 2));
    }
  }

  @Override
  public void close() {
    if (outer == null) {
      OPEN.remove();
    } else {
      OPEN.set(outer);
    }
  }
}

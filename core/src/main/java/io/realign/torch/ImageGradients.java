package io.realign.torch;

import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Gradients by images of nets whose first convolution skips every second pixel.
 *
 * <p>oneDNN's gradient by the input of such a convolution takes half of a whole attack step where
 * the net is small. Here each of the four kinds of pixels, on even and odd rows and columns, is
 * given by its own taps of the kernel: one dense 2×2 convolution of the gradient gives all four,
 * and they are put side by side. To that end the first convolution of an image is cut out of the
 * graph while this is open.
 *
 * <pre>{@code
 * try (ImageGradients open = ImageGradients.open()) {
 *   Tensor value = ...; // of images
 *   Tensor gradient = open.gradient(value, images, false);
 * }
 * }</pre>
 */
public final class ImageGradients implements AutoCloseable {

  private static final ThreadLocal<@Nullable ImageGradients> OPEN = new ThreadLocal<>();

  private static final int CHANNELS = 3;

  /**
   * Which rows of a 4×4 kernel an odd and an even row of pixels meet, from above and from below.
   */
  private static final long[][] TAPS = {{2, 0}, {3, 1}};

  private final @Nullable ImageGradients outer = OPEN.get();
  private @Nullable First first;

  /** The convolution that was cut out: its input, in the graph of the images, and its output. */
  private record First(Tensor x, Tensor weight, Tensor y) {}

  private ImageGradients() {}

  /** The first convolution on this thread takes part from here on; an outer one pauses. */
  public static ImageGradients open() {
    ImageGradients opened = new ImageGradients();
    OPEN.set(opened);
    return opened;
  }

  /** Whether a convolution is one to cut out: padding is 1 on each side. */
  static boolean cuts(Tensor x, Tensor weight, int stride, int padding, int groups) {
    ImageGradients open = OPEN.get();
    return open != null
        && open.first == null
        && stride == 2
        && padding == 1
        && groups == 1
        && weight.size(1) == CHANNELS
        && (weight.size(2) == 3 || weight.size(2) == 4)
        && x.size(2) % 2 == 0
        && x.size(3) % 2 == 0
        && x.requires_grad()
        && !weight.requires_grad()
        && x.is_cpu()
        && x.scalar_type().intern() == torch.ScalarType.Float
        && !torch.is_autocast_enabled(torch.DeviceType.CPU);
  }

  /**
   * Remembers {@code y}, the convolution of {@code x} without its graph; what the net goes on with.
   */
  static Tensor cut(Tensor x, Tensor weight, Tensor y) {
    ImageGradients open = OPEN.get();
    if (open == null) {
      throw new IllegalStateException("nothing is open");
    }
    Tensor leaf = y.detach().requires_grad_(true);
    open.first = new First(x, weight, leaf);
    return leaf.clone(); // the net may write it over
  }

  /**
   * As {@link Ops#gradients} by {@code images} alone, of a scalar that was computed of them since
   * this was opened.
   *
   * @param keepGraph whether another gradient will be taken through the same graph
   */
  public Tensor gradient(Tensor scalar, Tensor images, boolean keepGraph) {
    First cut = first;
    if (cut == null) {
      return Ops.gradients(scalar, List.of(images), keepGraph).getFirst();
    }
    List<Tensor> both = Ops.gradients(scalar, List.of(cut.y, images), keepGraph);
    Tensor byInput = byInput(both.getFirst(), cut.weight);
    TensorVector found =
        torch.grad(
            new TensorVector(cut.x),
            new TensorVector(images),
            new TensorVector(byInput),
            new BoolOptional(keepGraph),
            false,
            false);
    return found.get(0).detach().add(both.getLast()); // what went past the convolution
  }

  /**
   * {@code [N,3,2h,2w]} of the gradient by the output {@code [N,O,h,w]}. With the pixels of the
   * padded image numbered from 0, pixel 2q + p meets the outputs q − 1 and q through the taps of
   * parity p.
   */
  private static Tensor byInput(Tensor byOutput, Tensor weight) {
    try (NoGradGuard guard = new NoGradGuard()) {
      long n = byOutput.size(0);
      long height = byOutput.size(2);
      long width = byOutput.size(3);
      Tensor dense =
          Convolutions.conv2d(byOutput, parities(weight), null, 1, 1, 1); // [N,12,h+1,w+1]
      return dense
          .permute(0, 2, 3, 1)
          .reshape(n, height + 1, width + 1, 2, 2, CHANNELS)
          .permute(0, 5, 1, 3, 2, 4)
          .reshape(n, CHANNELS, 2 * (height + 1), 2 * (width + 1))
          .narrow(2, 1, 2 * height)
          .narrow(3, 1, 2 * width);
    }
  }

  /** {@code [O,3,k,k]} to {@code [2·2·3,O,2,2]}: for each parity of row and column its taps. */
  private static Tensor parities(Tensor weight) {
    Tensor whole = // [O,3,4,4]
        weight.size(2) == 4
            ? weight
            : torch.constant_pad_nd(
                weight, new long[] {0, 1, 0, 1}, new org.bytedeco.pytorch.Scalar(0));
    TensorVector parts = new TensorVector();
    for (long[] down : TAPS) {
      for (long[] across : TAPS) {
        parts.push_back(
            whole
                .index_select(2, Ops.rows(down, weight))
                .index_select(3, Ops.rows(across, weight))
                .transpose(0, 1)); // [3,O,2,2]
      }
    }
    return Ops.channelsLast(torch.cat(parts, 0));
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

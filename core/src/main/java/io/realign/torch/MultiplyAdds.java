package io.realign.torch;

import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Counts the multiply-adds of convolutions and matrix products on this thread, and those that their
 * gradients will cost.
 *
 * <p>Only what goes through {@link Ops} is counted; element-wise operators, norms and pooling are
 * not. Two floating-point operations make one multiply-add.
 *
 * <pre>{@code
 * try (MultiplyAdds count = MultiplyAdds.open()) {
 *   net.forward(images);
 *   long forward = count.forward();
 * }
 * }</pre>
 */
public final class MultiplyAdds implements AutoCloseable {

  private static final ThreadLocal<@Nullable MultiplyAdds> OPEN = new ThreadLocal<>();

  private final @Nullable MultiplyAdds outer = OPEN.get();
  private long forward;
  private long byInputs;
  private long byWeights;

  private MultiplyAdds() {}

  /** Starts to count on this thread; an outer count pauses. */
  public static MultiplyAdds open() {
    MultiplyAdds count = new MultiplyAdds();
    OPEN.set(count);
    return count;
  }

  /** What the forward pass took. */
  public long forward() {
    return forward;
  }

  /** What the gradients by the layers' inputs take, of the layers whose input needs one. */
  public long byInputs() {
    return byInputs;
  }

  /** What the gradients by the weights take, of the weights that need one. */
  public long byWeights() {
    return byWeights;
  }

  /** Counts a layer in which every weight meets {@code positions} places. */
  static void add(Tensor x, Tensor weight, Positions positions) {
    MultiplyAdds count = OPEN.get();
    if (count == null) {
      return;
    }
    long products = weight.numel() * positions.count();
    count.forward += products;
    if (GradMode.is_enabled()) {
      count.byInputs += x.requires_grad() ? products : 0;
      count.byWeights += weight.requires_grad() ? products : 0;
    }
  }

  /** A number that is worked out only when somebody counts. */
  @FunctionalInterface
  interface Positions {
    long count();
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

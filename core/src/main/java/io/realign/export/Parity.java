package io.realign.export;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * How far the outputs of an exported net lie from ours.
 *
 * @param largest difference of two values, where all values of an output are at most 1; else of
 *     that output divided by its largest
 * @param images compared
 */
public record Parity(double largest, int images) {

  /** More than this is a fault. */
  public static final double TOLERANCE = 1e-4;

  /** The difference of two outputs; infinite where a value is not finite or a shape differs. */
  static double difference(Tensor ours, Tensor theirs) {
    try (Scope scope = Scope.open()) {
      if (!Arrays.equals(Ops.shape(ours), Ops.shape(theirs))) {
        return Double.POSITIVE_INFINITY;
      }
      double apart = ours.sub(theirs).abs().max().item_double();
      double most = ours.abs().clamp_min(new Scalar(1)).max().item_double();
      return Double.isFinite(apart) ? apart / most : Double.POSITIVE_INFINITY;
    }
  }

  /** Whether the outputs are equal within {@link #TOLERANCE}. */
  public boolean holds() {
    return largest <= TOLERANCE;
  }
}

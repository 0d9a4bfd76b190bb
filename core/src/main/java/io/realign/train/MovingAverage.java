package io.realign.train;

import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The exponential moving average of a net's weights, kept in the weights of a twin. */
final class MovingAverage {

  private final StateDict average;
  private final double decay;

  /**
   * Averages into {@code average}.
   *
   * @param decay share of the old average in the new one, in [0,1); 0 keeps the newest weights
   */
  MovingAverage(StateDict average, double decay) {
    this.average = average;
    this.decay = decay;
  }

  /**
   * Takes the weights after step {@code step} (1-based) in; early steps count more, so that the
   * start is forgotten.
   */
  void update(StateDict weights, long step) {
    double kept = Math.min(decay, decay == 0 ? 0 : (1.0 + step) / (10.0 + step));
    try (NoGradGuard guard = new NoGradGuard();
        Scope scope = Scope.open()) {
      for (Map.Entry<String, Tensor> entry : average.entries()) {
        entry.getValue().lerp_(weights.get(entry.getKey()), new Scalar(1 - kept));
      }
    }
  }
}

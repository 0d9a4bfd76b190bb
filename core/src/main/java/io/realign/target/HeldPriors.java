package io.realign.target;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Script;
import io.realign.torch.ScriptFailure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A detector's priors in a tensor of its program: as many as it scores boxes for images of {@code
 * side}².
 *
 * @param path as {@link Script#attribute} takes it
 * @param edges whether they look like edges, not like centres and sizes
 * @param pixels whether they look like pixels, not like shares of the image's side
 */
record HeldPriors(String path, int side, boolean edges, boolean pixels) {

  private static final int STEP = 32; // of sides: most detectors' maps halve the image five times
  private static final int LARGEST = 1024;

  /**
   * The first that fits.
   *
   * @param counts how many boxes are scored for images of the sides that were tried; grows
   */
  static Optional<HeldPriors> of(
      Script script, SequencedMap<Integer, Long> counts, Compute compute) {
    if (counts.values().stream().noneMatch(count -> count > 0)) {
      return Optional.empty();
    }
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      for (Map.Entry<String, Tensor> each : script.buffers().entrySet()) {
        List<Long> shape = ScriptGuess.shape(each.getValue());
        if (shape.size() == 2 && shape.get(1) == 4) {
          Optional<Integer> side = side(script, shape.getFirst(), counts, compute);
          if (side.isPresent()) {
            float[] rows = Ops.toFloats(each.getValue().to(torch.ScalarType.Float));
            return Optional.of(
                new HeldPriors(each.getKey(), side.get(), edges(rows), pixels(rows)));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The side of images of which the program scores so many boxes; those tried are in counts. */
  private static Optional<Integer> side(
      Script script, long priors, SequencedMap<Integer, Long> counts, Compute compute) {
    for (int side = STEP; side <= LARGEST; side += STEP) {
      if (counts.containsValue(priors)) {
        break;
      }
      try (Scope scope = Scope.open()) {
        Tensor grey = compute.place(torch.full(new long[] {1, 3, side, side}, new Scalar(.5)));
        counts.putIfAbsent(side, ScriptGuess.scored(script.call("forward", grey)));
      } catch (ScriptFailure e) {
        counts.put(side, 0L);
      }
    }
    return counts.entrySet().stream()
        .filter(each -> each.getValue() == priors)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean edges(float[] rows) {
    for (int at = 0; at < rows.length; at += 4) {
      if (rows[at + 2] <= rows[at] || rows[at + 3] <= rows[at + 1]) {
        return false; // at the right, a centre lies beyond the size of its box
      }
    }
    return true;
  }

  private static boolean pixels(float[] rows) {
    double sum = 0;
    for (float value : rows) {
      sum += Math.abs(value);
    }
    return sum > 2.0 * rows.length; // shares of the side are about a half
  }
}

package io.realign.target;

import io.realign.task.Priors;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The logits of a detector's priors as a map: at each place of a grid the mean over the priors
 * whose centre lies there; 0 where none does.
 *
 * @param place of each prior {@code [P]}
 * @param share 1 over the number of priors of each place {@code [1,G,1]}
 */
record PriorGrid(Tensor place, Tensor share) {

  private static final int SIDE = 16;

  static PriorGrid of(Priors priors, Compute compute) {
    long[] places = new long[priors.count()];
    float[] shares = new float[SIDE * SIDE];
    for (int i = 0; i < places.length; i++) {
      int column = place(priors.boxes()[4 * i]);
      int row = place(priors.boxes()[4 * i + 1]);
      places[i] = (long) row * SIDE + column;
      shares[row * SIDE + column]++;
    }
    for (int g = 0; g < shares.length; g++) {
      shares[g] = shares[g] == 0 ? 0 : 1 / shares[g];
    }
    try (Scope scope = Scope.open()) {
      return new PriorGrid(
          scope.release(compute.place(Ops.longs(places, places.length))),
          scope.release(compute.place(Ops.floats(shares, 1, shares.length, 1))));
    }
  }

  private static int place(float centre) {
    return Math.clamp((int) (centre * SIDE), 0, SIDE - 1);
  }

  /** {@code [N,P,K]} to {@code [N,K,16,16]}. */
  Tensor of(Tensor logits) {
    Tensor none =
        torch.zeros(new long[] {logits.size(0), SIDE * SIDE, logits.size(2)}, logits.options());
    return torch
        .index_add(none, 1, place, logits)
        .mul(share.to(logits.scalar_type()))
        .transpose(1, 2)
        .reshape(logits.size(0), logits.size(2), SIDE, SIDE);
  }
}

package io.realign.attack;

import io.realign.torch.Ops;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Of each image of a batch the point with the largest share of wrong answers; the clean image where
 * no point is worse.
 */
final class Worst {

  private final Oracle oracle;
  private final Tensor labels;
  private final Tensor images; // written in place
  private final float[] shares;

  /** Asks the oracle about the clean images. */
  Worst(Oracle oracle, Tensor clean, Tensor labels) {
    this.oracle = oracle;
    this.labels = labels;
    images = clean.detach().clone();
    shares = oracle.wrong(oracle.logits(clean, -1), labels);
  }

  /**
   * Keeps what is worse.
   *
   * @param x one point an image
   * @param logits that the target gives there
   */
  void note(Tensor x, Tensor logits) {
    float[] now = oracle.wrong(logits, labels);
    long[] rows =
        IntStream.range(0, now.length).filter(i -> now[i] > shares[i]).asLongStream().toArray();
    for (long row : rows) {
      shares[(int) row] = now[(int) row];
    }
    if (rows.length > 0) {
      Tensor index = Ops.rows(rows, x);
      images.index_copy_(0, index, x.index_select(0, index));
    }
  }

  /** The images, {@code [N,3,H,W]}. */
  Tensor images() {
    return images;
  }
}

package io.realign.attack;

import io.realign.torch.Ops;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The images of a batch that the target does not get wholly wrong: an attack goes on with those
 * alone, and the others keep what fooled the target. Images that are wrong from the start stay as
 * they are.
 *
 * <p>A class is right or wrong; of a map some pixels are, and each image keeps the candidate with
 * the most that are wrong.
 */
final class Survivors {

  private final Tensor images;
  private final Tensor labels;
  private final Tensor attacked; // written in place
  private final float[] wrong; // the share of each image of the batch, as attacked so far
  private long[] rows;

  private Survivors(Tensor images, Tensor labels, Tensor attacked, float[] wrong) {
    this.images = images;
    this.labels = labels;
    this.attacked = attacked;
    this.wrong = wrong;
    rows = IntStream.range(0, wrong.length).filter(i -> wrong[i] < 1).asLongStream().toArray();
  }

  /** Asks the oracle about the clean images. */
  static Survivors of(Oracle oracle, Tensor images, Tensor labels) {
    float[] wrong = oracle.wrong(oracle.logits(images, -1), labels);
    return new Survivors(images, labels, images.detach().clone(), wrong);
  }

  /** Which images the logits {@code [N,K]} get right. */
  static boolean[] right(Tensor logits, Tensor labels) {
    long[] hits = Ops.toLongs(logits.argmax(new LongOptional(1), false).eq(labels));
    boolean[] right = new boolean[hits.length];
    for (int i = 0; i < hits.length; i++) {
      right[i] = hits[i] != 0;
    }
    return right;
  }

  boolean none() {
    return rows.length == 0;
  }

  int count() {
    return rows.length;
  }

  /** Their clean images, {@code [M,3,H,W]}. */
  Tensor images() {
    return images.index_select(0, Ops.rows(rows, images));
  }

  /** Their labels, {@code [M]}. */
  Tensor labels() {
    return labels.index_select(0, Ops.rows(rows, images));
  }

  /** The share of each that is wrong as attacked so far, in [0,1). */
  float[] wrong() {
    float[] shares = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      shares[i] = wrong[(int) rows[i]];
    }
    return shares;
  }

  /** The whole batch as attacked so far. */
  Tensor attacked() {
    return attacked;
  }

  /**
   * Lets those go that are fooled.
   *
   * @param candidates {@code [M,3,H,W]}
   * @param fooled which of them fool the target
   */
  void leave(Tensor candidates, boolean[] fooled) {
    long[] out = Ops.indices(fooled);
    if (out.length == 0) {
      return;
    }
    long[] places = new long[out.length];
    for (int i = 0; i < out.length; i++) {
      places[i] = rows[(int) out[i]];
    }
    attacked.index_copy_(
        0, Ops.rows(places, images), candidates.index_select(0, Ops.rows(out, images)));
    rows =
        IntStream.range(0, rows.length).filter(i -> !fooled[i]).mapToLong(i -> rows[i]).toArray();
  }

  /**
   * Keeps the candidates that are worse than what was there, and lets those go that are wrong
   * altogether.
   *
   * @param candidates {@code [M,3,H,W]}
   * @param shares of each that are wrong
   */
  void worsen(Tensor candidates, float[] shares) {
    long[] here =
        IntStream.range(0, shares.length)
            .filter(i -> shares[i] > wrong[(int) rows[i]])
            .asLongStream()
            .toArray();
    if (here.length == 0) {
      return;
    }
    long[] places = new long[here.length];
    for (int i = 0; i < here.length; i++) {
      places[i] = rows[(int) here[i]];
      wrong[(int) places[i]] = shares[(int) here[i]];
    }
    attacked.index_copy_(
        0, Ops.rows(places, images), candidates.index_select(0, Ops.rows(here, images)));
    rows = Arrays.stream(rows).filter(row -> wrong[(int) row] < 1).toArray();
  }
}

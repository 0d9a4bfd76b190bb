package io.realign.data;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Images for one step.
 *
 * @param images {@code [N,3,H,W]} fp32 in [0,1], on the CPU
 * @param annotations what is known about each
 * @param indices the place of each in the dataset
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Batch(Tensor images, List<Annotation> annotations, int[] indices) {

  /** The number of images. */
  public int size() {
    return indices.length;
  }
}

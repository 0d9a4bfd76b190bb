package io.realign.evaluate;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A batch as the target saw it, and what it said. Where a randomised one was asked several times,
 * the answer shown is the worst.
 *
 * @param predicted what it settled on, see {@link io.realign.task.Task#predictions}
 * @param rate {@code [N]} the metric of each image by itself, the mean over the draws
 * @param score {@code [N]} how sure it was
 * @param features of the target
 * @param seen {@code [N,3,H,W]} the images, repaired where a defense stands in front
 */
record Scored(Tensor predicted, Tensor rate, Tensor score, Tensor features, Tensor seen) {

  static Scored of(List<Tensor> tensors) {
    return new Scored(
        tensors.get(0), tensors.get(1), tensors.get(2), tensors.get(3), tensors.get(4));
  }

  List<Tensor> tensors() {
    return List.of(predicted, rate, score, features, seen);
  }
}

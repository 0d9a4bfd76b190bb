package io.realign.evaluate;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A batch as the target saw it, and what it said. Where a randomised one was asked several times,
 * the answer shown is the first wrong one, else the first.
 *
 * @param correct {@code [N]} bool: right in every draw
 * @param rate {@code [N]} the share of the draws that are right
 * @param predicted {@code [N]} class with the highest score
 * @param score {@code [N]} its probability
 * @param features {@code [N,D]}
 * @param seen {@code [N,3,H,W]} the images, repaired where a defense stands in front
 */
record Scored(
    Tensor correct, Tensor rate, Tensor predicted, Tensor score, Tensor features, Tensor seen) {

  static Scored of(List<Tensor> tensors) {
    return new Scored(
        tensors.get(0),
        tensors.get(1),
        tensors.get(2),
        tensors.get(3),
        tensors.get(4),
        tensors.get(5));
  }

  /** {@code [N]} bool: right in more than half of the draws. */
  Tensor majority() {
    return rate.gt(new Scalar(.5));
  }

  List<Tensor> tensors() {
    return List.of(correct, rate, predicted, score, features, seen);
  }
}

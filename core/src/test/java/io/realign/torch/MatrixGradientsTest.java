package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class MatrixGradientsTest {

  private static final Seed SEED = Seed.of(5);

  private final Tensor images = SEED.child("images").normal(1, 3, 3, 28, 30);
  private final Tensor first = Ops.leaf(SEED.child("first").normal(.2, 128, 3, 3, 3));
  private final Tensor wide = Ops.leaf(SEED.child("wide").normal(.02, 128, 128, 3, 3));
  private final Tensor strided = Ops.leaf(SEED.child("strided").normal(.02, 128, 128, 3, 3));
  private final Tensor unused = Ops.leaf(SEED.child("unused").normal(.02, 128, 128, 3, 3));
  private final List<Tensor> weights = List.of(first, wide, strided, unused);

  /** The wide weight is used twice, as a part of a recurrent net would be. */
  private Tensor loss() {
    Tensor x = Ops.channelsLast(Convolutions.conv2d(images, first, null, 1, 1, 1)).relu();
    Tensor y = Convolutions.conv2d(x, wide, null, 1, 1, 1).tanh();
    Tensor z = x.add(Convolutions.conv2d(y, wide, null, 1, 1, 1));
    Tensor last = Convolutions.conv2d(z, strided, null, 2, 1, 1);
    return last.mul(last).mean();
  }

  @Test
  void areThoseOfTheGraph() {
    List<Tensor> expected = Ops.gradients(loss(), weights, false);
    List<Tensor> found;
    try (MatrixGradients open = MatrixGradients.open()) {
      found = open.gradients(loss(), weights);
    }
    for (int i = 0; i < weights.size(); i++) {
      assertThat(Ops.shape(found.get(i))).containsExactly(Ops.shape(weights.get(i)));
      double size = expected.get(i).abs().max().item_double();
      double difference = found.get(i).sub(expected.get(i)).abs().max().item_double();
      assertThat(difference).as("weight %d, of size %g", i, size).isLessThanOrEqualTo(1e-4 * size);
    }
    assertThat(found.get(1).abs().max().item_double()).isPositive();
    assertThat(found.get(3).abs().max().item_double()).isZero();
  }

  @Test
  void takeTheWideWeightOutOfTheGraphWhileOpenAndNoOther() {
    try (MatrixGradients open = MatrixGradients.open()) {
      List<Tensor> left = Ops.gradients(loss(), weights, false);
      assertThat(left.get(1).abs().max().item_double()).isZero();
      assertThat(left.get(0).abs().max().item_double()).isPositive();
      assertThat(left.get(2).abs().max().item_double()).isPositive();
    }
    assertThat(Ops.gradients(loss(), weights, false).get(1).abs().max().item_double()).isPositive();
  }

  @Test
  void ignoreWhatWasConvolvedButNotAskedFor() {
    try (MatrixGradients open = MatrixGradients.open()) {
      Tensor found = open.gradients(loss(), List.of(first)).getFirst();
      Tensor expected;
      open.close();
      expected = Ops.gradients(loss(), List.of(first), false).getFirst();
      assertThat(found.sub(expected).abs().max().item_double())
          .isLessThanOrEqualTo(1e-4 * expected.abs().max().item_double());
    }
  }

  /** As VGG does: no norm lies between the convolution and what would be written over it. */
  @Test
  void areThoseOfTheGraphWhereTheOutputWouldBeWrittenOver() {
    for (UnaryOperator<Tensor> next :
        List.<UnaryOperator<Tensor>>of(
            Ops::reluInPlace, Ops::relu6InPlace, Ops::tanhInPlace, y -> Ops.addInPlace(y, y))) {
      List<Tensor> expected = Ops.gradients(written(next), List.of(first, wide), false);
      try (MatrixGradients open = MatrixGradients.open()) {
        List<Tensor> found = open.gradients(written(next), List.of(first, wide));
        for (int i = 0; i < 2; i++) {
          double size = expected.get(i).abs().max().item_double();
          assertThat(size).isPositive();
          assertThat(found.get(i).sub(expected.get(i)).abs().max().item_double())
              .isLessThanOrEqualTo(1e-4 * size);
        }
      }
    }
  }

  private Tensor written(UnaryOperator<Tensor> next) {
    Tensor x = Ops.channelsLast(Convolutions.conv2d(images, first, null, 1, 1, 1)).relu();
    Tensor y = next.apply(Convolutions.conv2d(x, wide, null, 1, 1, 1));
    return y.mul(y).mean();
  }

  @Test
  void refuseAnOutputThatWasWrittenOver() {
    try (MatrixGradients open = MatrixGradients.open()) {
      Tensor x = Convolutions.conv2d(images, first, null, 1, 1, 1);
      Tensor loss = Convolutions.conv2d(x, wide, null, 1, 1, 1).relu_().mean();
      assertThatIllegalStateException()
          .isThrownBy(() -> open.gradients(loss, weights))
          .withMessageContaining("written over");
    }
  }
}

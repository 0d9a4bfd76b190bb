package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageGradientsTest {

  private static final float TOLERANCE = 2e-5f;

  /** The image goes through the convolution and past it; the output is written over. */
  private static Tensor value(Tensor images, Tensor weight, int stride, int padding, Tensor way) {
    Tensor y =
        Convolutions.conv2d(Ops.affine(images, 2, -1), weight, null, stride, padding, 1).relu_();
    return y.mul(way).sum().add(images.mul(images).sum());
  }

  /** Kernel, stride and padding with which the convolution is cut out, and others. */
  @ParameterizedTest
  @CsvSource({"4, 2, 1, 8, 12", "3, 2, 1, 8, 6", "3, 1, 1, 5, 5", "5, 2, 2, 8, 8", "3, 2, 1, 7, 9"})
  void areThoseOfTheGraph(int kernel, int stride, int padding, int height, int width) {
    try (Scope scope = Scope.open()) {
      Tensor images = Seed.of(1).uniform(0, 1, 2, 3, height, width);
      Tensor weight = Seed.of(2).normal(1, 5, 3, kernel, kernel);
      Tensor way = Seed.of(3).normal(1, 1);
      Tensor leaf = Ops.leaf(images);
      Tensor wanted = Ops.gradient(value(leaf, weight, stride, padding, way), leaf);
      Tensor other = Ops.leaf(images);
      try (ImageGradients open = ImageGradients.open()) {
        Tensor once = value(other, weight, stride, padding, way);
        for (boolean more : new boolean[] {true, false}) {
          assertThat(Ops.toFloats(open.gradient(once, other, more)))
              .usingComparatorWithPrecision(TOLERANCE)
              .containsExactly(Ops.toFloats(wanted));
        }
      }
    }
  }
}
